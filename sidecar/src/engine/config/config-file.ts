import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { ConfigError } from "./jsonc.ts";

export type ConfigFileUpdate =
  | { kind: "unchanged" }
  | { kind: "changed"; warnings: readonly string[] }
  /** The file's earlier content stays in force. */
  | { kind: "failed"; problems: readonly string[] };

/** One configuration file and its content. */
export interface ConfigFile<T> {
  readonly name: string;
  value(): T;
  isThere(): boolean;
  /** Reads the file again. Reports the same failure once. */
  update(): Promise<ConfigFileUpdate>;
}

/** The file counts as empty (`{}`) until it is first read. */
export function createConfigFile<T>(
  folder: string,
  name: string,
  parse: (jsonc: string) => { config: T; warnings: string[] },
): ConfigFile<T> {
  let value = parse("{}").config;
  let seen: Content = { kind: "missing" };

  return {
    name,
    value: () => value,
    isThere: () => seen.kind === "text",
    async update() {
      // Compares the text: modification times are unreliable on mounted and linked files.
      const content = await read(join(folder, name));
      if (isEqual(content, seen)) return { kind: "unchanged" };
      seen = content;
      if (content.kind === "too large") {
        const problem = `${name} is larger than the limit of ${MAX_BYTES / 1024 / 1024} MiB: make it smaller`;
        return { kind: "failed", problems: [problem] };
      }
      if (content.kind === "missing") return { kind: "failed", problems: [`${name} has vanished`] };
      if (content.kind === "unreadable")
        return { kind: "failed", problems: [`${name} cannot be read: ${content.code}`] };
      try {
        const { config, warnings } = parse(content.text);
        value = config;
        return { kind: "changed", warnings };
      } catch (error) {
        if (error instanceof ConfigError) return { kind: "failed", problems: error.problems };
        throw error;
      }
    },
  };
}

/** Far more than the largest allowed policy needs. */
const MAX_BYTES = 4 * 1024 * 1024;

type Content =
  | { kind: "text"; text: string }
  | { kind: "missing" }
  | { kind: "too large" }
  | { kind: "unreadable"; code: string };

function isEqual(a: Content, b: Content): boolean {
  if (a.kind === "text") return b.kind === "text" && a.text === b.text;
  return a.kind === "unreadable" ? b.kind === "unreadable" && a.code === b.code : a.kind === b.kind;
}

async function read(path: string): Promise<Content> {
  try {
    const { size } = await stat(path);
    return size > MAX_BYTES ? { kind: "too large" } : { kind: "text", text: await readFile(path, "utf8") };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    return code === "ENOENT" ? { kind: "missing" } : { kind: "unreadable", code };
  }
}
