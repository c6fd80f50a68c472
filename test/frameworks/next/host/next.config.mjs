import { inWorkspace } from "../../../harness/next-config.mjs";

/** @type {import("next").NextConfig} */
export default {
  ...inWorkspace,
  cacheComponents: true,
  // With it Next renders a page twice, the second time for the prefetches to come; each render asks for its session.
  partialPrefetching: true,
};
