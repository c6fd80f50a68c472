import { fileURLToPath } from "node:url";

const workspace = fileURLToPath(new URL("../../../../", import.meta.url));

/** @type {import("next").NextConfig} */
export default {
  basePath: "/shop",
  i18n: { locales: ["en", "de"], defaultLocale: "en" },
  rewrites: async () => [{ source: "/rewritten", destination: "/account" }],
  outputFileTracingRoot: workspace,
  turbopack: { root: workspace },
  // Checked with everything else.
  typescript: { ignoreBuildErrors: true },
};
