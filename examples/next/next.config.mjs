import { fileURLToPath } from "node:url";

const workspace = fileURLToPath(new URL("../../", import.meta.url));

/** @type {import("next").NextConfig} */
export default {
  // Only needed because this example uses the packages of this repository.
  outputFileTracingRoot: workspace,
  turbopack: { root: workspace },
  // `npm run check` does it for the whole repository.
  typescript: { ignoreBuildErrors: true },
};
