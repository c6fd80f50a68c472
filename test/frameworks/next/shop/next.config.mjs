import { inWorkspace } from "../../../harness/next-config.mjs";

/** @type {import("next").NextConfig} */
export default {
  ...inWorkspace,
  basePath: "/shop",
  trailingSlash: true,
  rewrites: async () => [{ source: "/rewritten", destination: "/account" }],
};
