import { fileURLToPath } from "node:url";

const workspace = fileURLToPath(new URL("../../../../", import.meta.url));

/** @type {import("next").NextConfig} */
export default {
  cacheComponents: true,
  // With it Next renders a page twice, the second time for the prefetches to come; each render asks for its session.
  partialPrefetching: true,
  outputFileTracingRoot: workspace,
  turbopack: { root: workspace },
  // Checked with everything else.
  typescript: { ignoreBuildErrors: true },
};
