import { fileURLToPath } from "node:url";

const workspace = fileURLToPath(new URL("../../../../../", import.meta.url));

/** @type {import("next").NextConfig} */
export default {
  outputFileTracingRoot: workspace,
  turbopack: { root: workspace },
  // Checked with everything else.
  typescript: { ignoreBuildErrors: true },
};
