// Viewer response of the site: what a page carries as metadata of its object becomes its headers.
const ID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

function handler(event) {
  const response = event.response;
  const headers = response.headers;
  if (headers["x-amz-meta-csp"]) guard(headers, headers["x-amz-meta-csp"].value);
  if (headers["x-amz-meta-status"]) refuse(response, parseInt(headers["x-amz-meta-status"].value, 10));
  if (/^\/watch\/(index\.html)?$/.test(event.request.uri)) announce(headers, event.request);
  delete headers["x-amz-meta-csp"];
  delete headers["x-amz-meta-status"];
  return response;
}

function guard(headers, policy) {
  headers["content-security-policy"] = { value: policy };
  if (!policy.includes("frame-ancestors 'none'")) return;
  headers["x-frame-options"] = { value: "DENY" };
  headers["cross-origin-opener-policy"] = { value: "same-origin" };
}

function refuse(response, status) {
  response.statusCode = status;
  response.statusDescription = "Not Found";
  // It answers for many addresses; a browser shall not ask whether it has changed, and be told 304.
  delete response.headers["etag"];
  delete response.headers["last-modified"];
}

// Where the oEmbed answer for this video is; it says itself whether anybody may know of the video.
function announce(headers, request) {
  const id = request.querystring.v ? request.querystring.v.value.toUpperCase() : "";
  if (!ID.test(id) || !request.headers.host) return;
  const origin = "https://" + request.headers.host.value;
  const url = encodeURIComponent(origin + "/watch/?v=" + id);
  const value = "<" + origin + "/api/oembed?url=" + url + '&format=json>; rel="alternate"; type="application/json+oembed"';
  headers["link"] = { value: value };
}
