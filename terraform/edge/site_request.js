// Viewer request of the site: an address to the file that answers it. Addresses of pages end in a slash; whatever the
// site doesn't have gets its page for that, which says 404 by its metadata (site_response.js).
const ADDRESSES = __ADDRESSES__;
const NOT_FOUND = __NOT_FOUND__;
// What the build names by its content may be anything below this; the bucket knows what is there.
const HASHED = "/_next/static/";

function handler(event) {
  const request = event.request;
  const path = request.uri;
  if (path.startsWith(HASHED) || ADDRESSES.includes(path)) return request;
  if (path.endsWith("/") && ADDRESSES.includes(path + "index.html")) return answeredBy(request, path + "index.html");
  if (ADDRESSES.includes(path + "/index.html")) return moved(path + "/", request.querystring);
  return answeredBy(request, NOT_FOUND);
}

function answeredBy(request, file) {
  request.uri = file;
  return request;
}

function moved(path, query) {
  const text = Object.keys(query).map((name) => pairs(name, query[name])).join("&");
  return {
    statusCode: 308,
    statusDescription: "Permanent Redirect",
    headers: { location: { value: text ? path + "?" + text : path } },
  };
}

function pairs(name, parameter) {
  return (parameter.multiValue || [parameter]).map((one) => pair(name, one.value)).join("&");
}

function pair(name, value) {
  return value === "" ? name : name + "=" + value;
}
