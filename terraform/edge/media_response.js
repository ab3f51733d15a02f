// Viewer response of /media/*: how long browsers may keep it. CloudFront calls this for nothing that the bucket refused,
// so no refusal is ever kept. "private": the address holds a pass.
function handler(event) {
  const response = event.response;
  const playlist = event.request.uri.endsWith(".m3u8");
  response.headers["cache-control"] = { value: playlist ? "private, max-age=60" : "private, max-age=86400, immutable" };
  return response;
}
