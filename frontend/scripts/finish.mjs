// After `next build`: the Content-Security-Policy of every page, with the hashes of its inline scripts, and the pages
// and scripts compressed once instead of at every request.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const OUT = "out";
// Counted as gzip makes it, without what only old browsers load.
const HOME_AT_MOST = 150_000;
const COMPRESSED = /\.(html|js|css|json|svg|txt)$/;
const LEAST_WORTH_COMPRESSING = 1024;

const files = readdirSync(OUT, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name));
const pages = files.filter((file) => file.endsWith(".html"));

writeFileSync(join(OUT, "csp.json"), JSON.stringify(Object.fromEntries(pages.map(policyOf).sort()), null, 1) + "\n");
measureHome();
files.filter((file) => COMPRESSED.test(file)).forEach(compress);

function policyOf(file) {
  const html = readFileSync(file, "utf8");
  const inline = [...html.matchAll(/<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g)].map((found) => found[1]);
  const hashes = new Set(inline.map((text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`));
  const page = pageOf(file);
  return [page, policy([...hashes], page === "/embed/")];
}

function pageOf(file) {
  const path = relative(OUT, file).replaceAll("\\", "/");
  return path.endsWith("index.html") ? `/${path.slice(0, -"index.html".length)}` : path.slice(0, -".html".length);
}

function policy(hashes, framed) {
  return [
    "default-src 'none'",
    `script-src 'self' ${hashes.join(" ")}`,
    // media-chrome and Amplify style their parts inline.
    "style-src 'self' 'unsafe-inline'",
    // Each home adds the hosts of its own that uploads and sign-ins go to, if any.
    "connect-src 'self'",
    "img-src 'self' data: blob:",
    "media-src 'self' blob:",
    "font-src 'self'",
    "worker-src 'self' blob:",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "object-src 'none'",
    `frame-ancestors ${framed ? "*" : "'none'"}`,
  ].join("; ");
}

/** What a first visit of the home page loads, as the browser gets it. */
function measureHome() {
  const html = readFileSync(join(OUT, "index.html"), "utf8");
  const scripts = [...html.matchAll(/<script[^>]*\ssrc="([^"]+)"(?![^>]*nomodule)[^>]*>/gi)].filter((found) => !/nomodule/i.test(found[0]));
  const sources = new Set(scripts.map((found) => found[1].split("?")[0]));
  const size = [...sources].reduce((sum, path) => sum + gzipSync(readFileSync(join(OUT, path))).length, 0);
  console.log(`The home page loads ${Math.round(size / 1000)} kB of compressed JavaScript (at most ${HOME_AT_MOST / 1000}).`);
  if (size > HOME_AT_MOST) process.exit(1);
}

function compress(file) {
  const body = readFileSync(file);
  if (body.length < LEAST_WORTH_COMPRESSING) return;
  writeFileSync(`${file}.gz`, gzipSync(body, { level: 9 }));
  writeFileSync(`${file}.br`, brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: body.length } }));
}
