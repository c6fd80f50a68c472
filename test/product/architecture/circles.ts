import { dirname, join } from "node:path/posix";
import type { Source } from "./sources.ts";

interface Edge {
  /** The folder that has both. */
  folder: string;
  from: string;
  to: string;
  /** What makes it: `file: import`. */
  by: string;
}

/**
 * The imports, also those of types alone, by which files and folders that lie side by side need each other in a circle.
 * Each circle of files is one of these, in the folder that all of its files have in common.
 */
export function circles(sources: readonly Source[]): string[] {
  const edges = sources.flatMap(edgesOf);
  return [...new Set(edges.map(({ folder }) => folder))].flatMap((folder) =>
    inCircles(edges.filter((edge) => edge.folder === folder)).map(({ by }) => by),
  );
}

function edgesOf({ path, imports }: Source): Edge[] {
  return imports
    .filter((specifier) => specifier.startsWith("."))
    .map((specifier) => {
      const [from, to] = [path.split("/"), join(dirname(path), specifier).split("/")];
      const depth = from.findIndex((part, at) => part !== to[at]);
      const entry = (parts: string[]) => parts.slice(0, depth + 1).join("/");
      return { folder: from.slice(0, depth).join("/"), from: entry(from), to: entry(to), by: `${path}: ${specifier}` };
    });
}

/** What is left when the ends are taken away again and again: imports of what imports nothing, or by what nothing imports. */
function inCircles(edges: Edge[]): Edge[] {
  const [importing, imported] = [new Set(edges.map(({ from }) => from)), new Set(edges.map(({ to }) => to))];
  const left = edges.filter(({ from, to }) => importing.has(to) && imported.has(from));
  return left.length === edges.length ? left : inCircles(left);
}
