import { fileURLToPath } from "node:url";
import { build, defaultClientConditions } from "vite";

/** The library with its dependencies as an app ships it: one minified ES module. */
export function bundleLibrary(): Promise<string> {
  // Not vite's library mode, which leaves the white space in.
  return bundle("../src/index.ts", { preserveEntrySignatures: "strict" });
}

/** The script of the proving page: it runs as it is, without exports. */
export function bundleProvingPage(): Promise<string> {
  return bundle("../src/proving-page.ts", { output: { format: "iife" } });
}

/** The part for React as an app ships it, without React itself. */
export function bundleReactPart(): Promise<string> {
  return bundle("../src/react/index.ts", { preserveEntrySignatures: "strict", external: ["react"] });
}

/**
 * The script of a page in a test, with the React that it names, as a server for development sends it: only that one looks for
 * differences between the server's page and the browser's, and makes StrictMode strict.
 */
export function bundlePage(entry: URL, alias: Record<string, string> = {}): Promise<string> {
  return bundle(
    entry.href,
    { output: { format: "iife" } },
    { alias, define: { "process.env.NODE_ENV": '"development"' } },
  );
}

interface ForPages {
  alias?: Record<string, string>;
  define?: Record<string, string>;
}

async function bundle(entry: string, options: object, { alias = {}, define = {} }: ForPages = {}): Promise<string> {
  const output = await build({
    configFile: false,
    logLevel: "silent",
    define,
    resolve: { alias, conditions: ["@byo-session/source", ...defaultClientConditions] },
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
