import { fileURLToPath } from "node:url";

const workspace = fileURLToPath(new URL("../../", import.meta.url));

/**
 * What the tests' apps of Next have in common.
 *
 * @type {import("next").NextConfig}
 */
export const inWorkspace = {
  outputFileTracingRoot: workspace,
  turbopack: { root: workspace },
  // Checked with everything else.
  typescript: { ignoreBuildErrors: true },
  // An app is built once, and nobody debugs it: writing the cache and the source maps took a third of a build, and making
  // the code small a third of what was left.
  experimental: {
    turbopackMinify: false,
    turbopackFileSystemCacheForBuild: false,
    turbopackSourceMaps: false,
    turbopackInputSourceMaps: false,
  },
};
