import { fileURLToPath } from "node:url";
import { build } from "vite";

/** The pages' script with the libraries it uses, bundled when the example starts. */
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
