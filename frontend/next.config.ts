import type { NextConfig } from "next";
import { PHASE_DEVELOPMENT_SERVER } from "next/constants";

/** Where `npm run dev` finds a running backend. */
const backend = process.env.SLUICE_BACKEND_URL ?? "http://localhost:8000";

const proxied = ["/api/:path*", "/config.json", "/cognito", "/cognito/:path*", "/storage/:path*", "/media/:path*"];

const shared: NextConfig = {
  trailingSlash: true,
  images: { unoptimized: true },
  reactStrictMode: true,
  poweredByHeader: false,
};

export default function config(phase: string): NextConfig {
  if (phase !== PHASE_DEVELOPMENT_SERVER) {
    // The same sources make the same files, so that caches and stamps hold.
    return { ...shared, output: "export", generateBuildId: async () => process.env.SLUICE_BUILD ?? "local" };
  }
  return {
    ...shared,
    // The API's addresses have no slash at their end.
    skipTrailingSlashRedirect: true,
    rewrites: async () => proxied.map((source) => ({ source, destination: `${backend}${source}` })),
  };
}
