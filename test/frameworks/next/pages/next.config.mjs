import { inWorkspace } from "../../../harness/next-config.mjs";

/** @type {import("next").NextConfig} */
export default {
  ...inWorkspace,
  basePath: "/shop",
  i18n: { locales: ["en", "de"], defaultLocale: "en" },
  rewrites: async () => [{ source: "/rewritten", destination: "/account" }],
};
