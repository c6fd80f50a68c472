import { fileURLToPath } from "node:url";
import { build } from "vite";

/** The script of the pages with the libraries that it uses, made when the example starts. */
export async function buildPageScript(): Promise<string> {
  const output = await build({
    configFile: false,
    logLevel: "error",
    resolve: { conditions: ["@byo-session/source"] },
    build: {
      write: false,
      rolldownOptions: { input: fileURLToPath(new URL("browser/page.ts", import.meta.url)) },
    },
  });
  const [bundle] = [output].flat();
  if (!bundle || !("output" in bundle)) throw new Error("the script of the pages was not built");
  return bundle.output[0].code;
}
