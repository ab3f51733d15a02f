// Viewer request of /media/*: whoever has a pass for the video gets to its objects, under addresses that are the same
// for every pass, so that all viewers share the cache. The API gives out the passes (adapters/links.py).
const crypto = require("crypto");

const KEY = __KEY__;
// ~{expires}-{signature} / {id} / {attempt} / {path}
const ADDRESS =
  /^\/media\/~([1-9][0-9]{0,11})-([0-9a-f]{64})\/([0-7][0-9A-HJKMNP-TV-Z]{25})(\/[1-9][0-9]{0,8}(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]*)+)$/;

function handler(event) {
  const request = event.request;
  if (request.method === "OPTIONS") return preflight();
  const found = ADDRESS.exec(request.uri);
  if (!found || !admits(found[1], found[2], found[3])) return notFound();
  request.uri = "/media/" + found[3] + found[4];
  return request;
}

function admits(expires, signature, id) {
  const genuine = crypto.createHmac("sha256", KEY).update("media:" + id + ":" + expires).digest("hex");
  return same(genuine, signature) && Date.now() < Number(expires) * 1000;
}

// Takes as long for every signature, so that none can be found bit by bit.
function same(one, other) {
  let difference = one.length ^ other.length;
  for (let at = 0; at < one.length; at++) difference |= one.charCodeAt(at) ^ other.charCodeAt(at);
  return difference === 0;
}

function notFound() {
  return {
    statusCode: 404,
    statusDescription: "Not Found",
    headers: {
      "access-control-allow-origin": { value: "*" },
      "cache-control": { value: "no-store" },
      "content-type": { value: "text/plain; charset=utf-8" },
    },
    body: "Not found.\n",
  };
}

function preflight() {
  return {
    statusCode: 204,
    statusDescription: "No Content",
    headers: {
      allow: { value: "GET, HEAD, OPTIONS" },
      "access-control-allow-origin": { value: "*" },
      "access-control-allow-methods": { value: "GET, HEAD" },
      "access-control-allow-headers": { value: "Range, If-Range, If-None-Match, If-Modified-Since" },
      "access-control-max-age": { value: "86400" },
    },
  };
}
