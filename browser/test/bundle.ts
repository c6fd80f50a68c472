import { fileURLToPath } from "node:url";
import { build } from "vite";

/** The library with its dependencies as an app ships it: one minified ES module. */
export function bundleLibrary(): Promise<string> {
  // Not vite's library mode, which leaves the white space in.
  return bundle("../src/index.ts", { preserveEntrySignatures: "strict" });
}

/** The script of the proving page: it runs as it is, without exports. */
export function bundleProvingPage(): Promise<string> {
  return bundle("../src/proving-page.ts", { output: { format: "iife" } });
}

async function bundle(entry: string, options: object): Promise<string> {
  const output = await build({
    configFile: false,
    logLevel: "silent",
    build: {
      write: false,
      target: "es2022",
      rolldownOptions: { input: fileURLToPath(new URL(entry, import.meta.url)), ...options },
    },
  });
  const [built] = [output].flat();
  if (!built || !("output" in built)) throw new Error("vite gave no bundle");
  const [file, ...more] = built.output;
  if (more.length > 0) throw new Error("expected one file");
  return file.code;
}
