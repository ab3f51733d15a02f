import next from "eslint-config-next/core-web-vitals";
import typescript from "eslint-config-next/typescript";

const config = [
  ...next,
  ...typescript,
  { ignores: [".next/**", "out/**", "node_modules/**", "next-env.d.ts", "lib/schema.ts"] },
  {
    rules: {
      // A static export has no image server; thumbnails come in the size they are shown in.
      "@next/next/no-img-element": "off",
      eqeqeq: "error",
    },
  },
];

export default config;
