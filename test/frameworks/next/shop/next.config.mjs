import { inWorkspace } from "../../../harness/next-config.mjs";

/** @type {import("next").NextConfig} */
export default {
  ...inWorkspace,
  basePath: "/shop",
  trailingSlash: true,
  headers: async () => [{ source: "/posts/mine", headers: [{ key: "CDN-Cache-Control", value: "max-age=600" }] }],
  rewrites: async () => ({
    // Instead of a page that is the same for everybody.
    beforeFiles: [{ source: "/moved", destination: "/account" }],
    afterFiles: [{ source: "/rewritten", destination: "/account" }],
  }),
};
