import type { Plugin } from "vite";

const APP = /\/src\/main\.tsx$/;

/** Names the files that draw the page in the page itself, so that they are not found only when the first script has run. */
export function preloadApp(): Plugin {
  return {
    name: "preload-app",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler(_html, { bundle = {} }) {
        const chunks = Object.values(bundle).filter((file) => file.type === "chunk");
        const app = chunks.find(({ facadeModuleId }) => APP.test(facadeModuleId ?? ""));
        if (!app) throw new Error("the build has no chunk for src/main.tsx");
        return [app, ...chunks.filter(({ fileName, isEntry }) => !isEntry && app.imports.includes(fileName))].map(
          ({ fileName }) => ({
            tag: "link",
            attrs: { rel: "modulepreload", crossorigin: true, href: `/${fileName}` },
            injectTo: "head" as const,
          }),
        );
      },
    },
  };
}
