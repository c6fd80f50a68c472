import {
  createScanner,
  findNodeAtLocation,
  getNodeValue,
  type Node,
  type ParseError,
  parse,
  parseTree,
  printParseErrorCode,
} from "jsonc-parser";
import type { z } from "zod";

/** The configuration is not valid. The message lists every problem: file, line, key and what was expected. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.problems = problems;
  }
}

/** Our files need at most five. */
const MAX_LEVELS = 16;
/** Nobody fixes more at once. */
export const MAX_PROBLEMS = 100;

export interface JsoncDocument<T> {
  readonly value: T;
  /** The place of a key, for a message: `session_config.jsonc line 4, defaults.rotation_interval_secs`. */
  at(...path: (string | number)[]): string;
}

/** Reads JSON with comments and trailing commas. Throws a `ConfigError` that names the file and the lines. */
export function readJsonc<S extends z.ZodType>(file: string, text: string, schema: S): JsoncDocument<z.output<S>> {
  const source = text.replace(/^\uFEFF/, "");
  const lineOf = lineCounter(source);
  const place = (offset: number) => `${file} line ${lineOf(offset)}`;
  const tooDeep = offsetOfDepth(source, MAX_LEVELS);
  if (tooDeep !== undefined) {
    throw new ConfigError([`${place(tooDeep)}: expected at most ${MAX_LEVELS} levels of objects and lists`]);
  }

  const syntax: ParseError[] = [];
  const root = parseTree(source, syntax, { allowTrailingComma: true, allowEmptyContent: true });
  // One missing comma causes a series of errors; the first one shows the place.
  const [first] = syntax;
  if (!root || first) throw new ConfigError([`${place(first?.offset ?? 0)}: ${describeSyntax(first)}`]);

  const at = (...path: (string | number)[]) => {
    const offset = offsetOf(root, path);
    return path.length === 0 ? place(offset) : `${place(offset)}, ${pathText(path)}`;
  };
  const result = schema.safeParse(getNodeValue(root));
  const problems: string[] = [];
  for (const key of repeatedKeys(root)) {
    if (problems.length >= MAX_PROBLEMS) break;
    problems.push(`${place(key.offset)}: the key "${excerptOf(String(key.value))}" is set a second time`);
  }
  for (const issue of result.error?.issues ?? []) {
    if (problems.length >= MAX_PROBLEMS) break;
    problems.push(...describeIssue(issue, root, at).slice(0, MAX_PROBLEMS - problems.length));
  }
  if (result.success && problems.length === 0) return { value: result.data, at };
  throw new ConfigError(problems);
}

/** The value of a text that may break its rules, as far as it can be read; undefined if it is nested too deeply. */
export function readLoosely(text: string): unknown {
  if (offsetOfDepth(text, MAX_LEVELS) !== undefined) return undefined;
  return parse(text, [], { allowTrailingComma: true });
}

/** Where the text first exceeds this many levels of objects and lists: the parser recurses for each level. */
function offsetOfDepth(source: string, most: number): number | undefined {
  const scanner = createScanner(source, true);
  let depth = 0;
  for (scanner.scan(); scanner.getTokenLength() > 0; scanner.scan()) {
    const first = source[scanner.getTokenOffset()];
    if (first === "{" || first === "[") depth++;
    if (first === "}" || first === "]") depth--;
    if (depth > most) return scanner.getTokenOffset();
  }
  return undefined;
}

/** Finds the line starts once, for any number of lookups. */
function lineCounter(source: string): (offset: number) => number {
  let starts: number[] | undefined;
  return (offset) => {
    starts ??= [0, ...Array.from(source.matchAll(/\n/g), ({ index }) => index + 1)];
    let [low, high] = [0, starts.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

function describeSyntax(error: ParseError | undefined): string {
  if (!error) return "expected an object; the file is empty";
  const words = printParseErrorCode(error.error).replace(/(?<=[a-z])(?=[A-Z])/g, " ");
  return `not valid JSON with comments: ${words.toLowerCase()}`;
}

function describeIssue(issue: z.core.$ZodIssue, root: Node, at: JsoncDocument<unknown>["at"]): string[] {
  const path = issue.path.map((step) => (typeof step === "symbol" ? String(step) : step));
  if (issue.code === "unrecognized_keys") {
    return issue.keys.slice(0, MAX_PROBLEMS).map((key) => `${at(...path, key)}: ${issue.message}`);
  }
  const node = findNodeAtLocation(root, path);
  return [`${at(...path)}: ${issue.message}, ${node ? `got ${excerpt(node)}` : "but it is missing"}`];
}

function excerpt(node: Node): string {
  return excerptOf(JSON.stringify(getNodeValue(node)));
}

function excerptOf(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/** The place of the key; for a missing key, the object that should have it. */
function offsetOf(root: Node, path: (string | number)[]): number {
  for (let length = path.length; length > 0; length--) {
    const node = findNodeAtLocation(root, path.slice(0, length));
    if (node) return node.parent?.type === "property" ? node.parent.offset : node.offset;
  }
  return root.offset;
}

function pathText(path: (string | number)[]): string {
  return path
    .map((step, index) => (typeof step === "number" ? `[${step}]` : `${index === 0 ? "" : "."}${excerptOf(step)}`))
    .join("");
}

/** JSON parsers use the last of two equal keys, but a person reading the file sees the first. */
function* repeatedKeys(node: Node): Generator<Node, void> {
  const seen = new Set<unknown>();
  for (const child of node.children ?? []) {
    const key = child.type === "property" ? child.children?.[0] : undefined;
    if (key && seen.size === seen.add(key.value).size) yield key;
    yield* repeatedKeys(child);
  }
}
