import { fileURLToPath } from "node:url";
import { build } from "vite";

/** The library with its dependencies as an app ships it: one minified ES module. */
export async function bundleLibrary(): Promise<string> {
  const output = await build({
    configFile: false,
    logLevel: "silent",
    build: {
      write: false,
      target: "es2022",
      // Not vite's library mode, which leaves the white space in.
      rolldownOptions: {
        input: fileURLToPath(new URL("../src/index.ts", import.meta.url)),
        preserveEntrySignatures: "strict",
      },
    },
  });
  const [bundle] = [output].flat();
  if (!bundle || !("output" in bundle)) throw new Error("vite gave no bundle");
  const [file, ...more] = bundle.output;
  if (more.length > 0) throw new Error("expected one file");
  return file.code;
}
