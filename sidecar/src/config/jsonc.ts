import {
  findNodeAtLocation,
  getNodeValue,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from "jsonc-parser";
import type { z } from "zod";

/** A configuration that cannot be used. The message lists everything that is wrong: file, line, key, what was expected. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.problems = problems;
  }
}

export interface JsoncDocument<T> {
  readonly value: T;
  /** Names the place of a key for a message: `session_config.jsonc line 4, defaults.rotation_interval_secs`. */
  at(...path: (string | number)[]): string;
}

/** Reads JSON with comments and trailing commas. Throws a `ConfigError` that names the file and the lines. */
export function readJsonc<S extends z.ZodType>(file: string, text: string, schema: S): JsoncDocument<z.output<S>> {
  const source = text.replace(/^\uFEFF/, "");
  const place = (offset: number) => `${file} line ${source.slice(0, offset).split("\n").length}`;

  const syntax: ParseError[] = [];
  const root = parseTree(source, syntax, { allowTrailingComma: true, allowEmptyContent: true });
  // One missing comma gives a row of errors; the first says where.
  const [first] = syntax;
  if (!root || first) throw new ConfigError([`${place(first?.offset ?? 0)}: ${describeSyntax(first)}`]);

  const at = (...path: (string | number)[]) => {
    const offset = offsetOf(root, path);
    return path.length === 0 ? place(offset) : `${place(offset)}, ${pathText(path)}`;
  };
  const twice = repeatedKeys(root).map(
    (key) => `${place(key.offset)}: the key "${key.value}" stands here a second time`,
  );
  const result = schema.safeParse(getNodeValue(root));
  if (result.success && twice.length === 0) return { value: result.data, at };
  const issues = result.error?.issues.flatMap((issue) => describeIssue(issue, root, at)) ?? [];
  throw new ConfigError([...twice, ...issues]);
}

function describeSyntax(error: ParseError | undefined): string {
  if (!error) return "expected an object; the file is empty";
  const words = printParseErrorCode(error.error).replace(/(?<=[a-z])(?=[A-Z])/g, " ");
  return `not valid JSON with comments: ${words.toLowerCase()}`;
}

function describeIssue(issue: z.core.$ZodIssue, root: Node, at: JsoncDocument<unknown>["at"]): string[] {
  const path = issue.path.map((step) => (typeof step === "symbol" ? String(step) : step));
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => `${at(...path, key)}: ${issue.message}`);
  const node = findNodeAtLocation(root, path);
  return [`${at(...path)}: ${issue.message}, ${node ? `got ${excerpt(node)}` : "but it is missing"}`];
}

function excerpt(node: Node): string {
  const text = JSON.stringify(getNodeValue(node));
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/** Where the key stands, or for a missing one the object that should have it. */
function offsetOf(root: Node, path: (string | number)[]): number {
  for (let length = path.length; length > 0; length--) {
    const node = findNodeAtLocation(root, path.slice(0, length));
    if (node) return node.parent?.type === "property" ? node.parent.offset : node.offset;
  }
  return root.offset;
}

function pathText(path: (string | number)[]): string {
  return path.map((step, index) => (typeof step === "number" ? `[${step}]` : index === 0 ? step : `.${step}`)).join("");
}

/** JSON parsers take the last of two equal keys: whoever reads the file sees the first. */
function repeatedKeys(node: Node): Node[] {
  const keys = node.type === "object" ? (node.children ?? []).flatMap((property) => property.children?.[0] ?? []) : [];
  const seen = new Set<unknown>();
  const repeated = keys.filter((key) => seen.size === seen.add(key.value).size);
  return [...repeated, ...(node.children ?? []).flatMap(repeatedKeys)];
}
