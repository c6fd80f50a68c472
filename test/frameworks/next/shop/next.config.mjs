import { fileURLToPath } from "node:url";

const workspace = fileURLToPath(new URL("../../../../", import.meta.url));

/** @type {import("next").NextConfig} */
export default {
  basePath: "/shop",
  trailingSlash: true,
  headers: async () => [{ source: "/posts/mine", headers: [{ key: "CDN-Cache-Control", value: "max-age=600" }] }],
  rewrites: async () => ({
    // In place of a page that is the same for everybody.
    beforeFiles: [{ source: "/moved", destination: "/account" }],
    afterFiles: [{ source: "/rewritten", destination: "/account" }],
  }),
  outputFileTracingRoot: workspace,
  turbopack: { root: workspace },
  // Checked with everything else.
  typescript: { ignoreBuildErrors: true },
};
