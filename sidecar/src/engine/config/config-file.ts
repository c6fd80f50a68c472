import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { ConfigError } from "./jsonc.ts";

export type ConfigFileUpdate =
  | { kind: "unchanged" }
  | { kind: "changed"; warnings: readonly string[] }
  /** What is in force then: the file's earlier content, or nothing, as if it were empty. */
  | { kind: "failed"; problems: readonly string[]; inForce: "earlier" | "nothing" };

export interface ConfigFileOptions {
  /** What counts when the file has vanished: what it said before, or nothing. Nothing must not allow more. */
  whenVanished: "earlier" | "nothing";
}

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
  { whenVanished }: ConfigFileOptions,
): ConfigFile<T> {
  const empty = parse("{}").config;
  let value = empty;
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
        return failed(problem);
      }
      if (content.kind === "unreadable") return failed(`${name} cannot be read: ${content.code}`);
      if (content.kind === "missing") {
        if (whenVanished === "nothing") value = empty;
        return { kind: "failed", problems: [`${name} has vanished`], inForce: whenVanished };
      }
      try {
        const { config, warnings } = parse(content.text);
        value = config;
        return { kind: "changed", warnings };
      } catch (error) {
        if (error instanceof ConfigError) return failed(...error.problems);
        throw error;
      }
    },
  };
}

function failed(...problems: string[]): ConfigFileUpdate {
  return { kind: "failed", problems, inForce: "earlier" };
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
