import { existsSync, readFileSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type ParseError, parse } from "jsonc-parser";
import { expect, it } from "vitest";
import { typeErrorsOf } from "../../harness/type-errors.ts";
import { type CodeBlock, codeBlocks, type Document, ROOT, readDocuments } from "./code-blocks.ts";

const documents = readDocuments();
const blocks = documents.flatMap(codeBlocks);
const inLanguage = (...languages: string[]) => blocks.filter(({ language }) => languages.includes(language));

it("every TypeScript example compiles against the sources", { timeout: 60_000 }, async () => {
  const examples = inLanguage("ts", "tsx");
  expect(examples.length).toBeGreaterThan(0);
  // What an example declares for core holds for all of its program.
  const declaring = examples.filter(({ code }) => code.includes("declare module"));
  // The types of Next change those of Node for all of the program that they are in.
  const ofNext = examples.filter(({ where }) => /^(docs\/(next[\w-]*|react)|middleware-next\/README)\.md/.test(where));
  const others = examples.filter((example) => !declaring.includes(example) && !ofNext.includes(example));
  // In the workspace, so that the examples find the packages as an app would, and the harness as a test would.
  expect(await compile(others, join(ROOT, "test", "output"))).toBe("");
  const asNextDoes = { module: "esnext", moduleResolution: "bundler" };
  expect(await compile(ofNext, join(ROOT, "test", "output-next"), asNextDoes)).toBe("");
  expect(await compile(declaring, join(ROOT, "test", "output-declaring"))).toBe("");
});

/** The compiler's output for examples, as one program. */
async function compile(examples: readonly CodeBlock[], folder: string, options: object = {}): Promise<string> {
  await rm(folder, { recursive: true, force: true });
  for (const { where, language, title, code } of examples) {
    const slug = (text: string) => text.replace(/\W+/g, "-");
    // The guide of Next goes on in further documents, with the same app.
    const ofDocument = slug(where.replace(/:\d+$/, "").replace(/^docs\/next-\w+/, "docs/next-guide"));
    const file = join(folder, title ? join(ofDocument, title) : `${slug(where)}.${language}`);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, code);
  }
  const compilerOptions = {
    noEmit: true,
    composite: false,
    declaration: false,
    declarationMap: false,
    rewriteRelativeImportExtensions: false,
    allowImportingTsExtensions: true,
    lib: ["es2024", "dom", "dom.iterable"],
    jsx: "react-jsx",
    ...options,
  };
  const references = [{ path: "../../tsconfig.packages.json" }];
  const config = { extends: "../../tsconfig.base.json", compilerOptions, include: ["**/*"], references };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify(config));
  return typeErrorsOf(folder);
}

it("every JSON example can be read", () => {
  const broken = inLanguage("json", "jsonc").filter(({ language, code }) => {
    const errors: ParseError[] = [];
    parse(code, errors, { allowTrailingComma: true, disallowComments: language === "json" });
    return errors.length > 0;
  });
  expect(broken.map(({ where }) => where)).toEqual([]);
});

it("every npm script that is named exists", () => {
  const { scripts }: { scripts: Record<string, string> } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const named = documents.flatMap(({ path, text }) =>
    [...text.matchAll(/\bnpm (?:run ([\w:-]+)|(start|test)\b)/g)].map(([, script, short]) => ({
      path,
      script: script ?? short ?? "",
    })),
  );
  expect(named.filter(({ script }) => !Object.hasOwn(scripts, script))).toEqual([]);
});

it("shell examples use programs that a reader has", () => {
  const known = new Set([
    "npm",
    "npx",
    "git",
    "cd",
    "docker",
    "curl",
    "cp",
    "echo",
    "openssl",
    "node",
    "export",
    "kubectl",
  ]);
  const commands = inLanguage("sh", "bash", "shell", "console").flatMap(({ where, code }) =>
    code
      .replace(/\\\n/g, " ")
      .split("\n")
      .map((line) => line.replace(/^\$ /, "").trim())
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => ({ where, program: line.replace(/^(?:[A-Z_]+=\S* )+/, "").split(" ", 1)[0] ?? "" })),
  );
  expect(commands.filter(({ program }) => !known.has(program))).toEqual([]);
});

/** The files of the repository that a document links to, from its root. */
function linksOf({ path, text }: Document): string[] {
  return [...text.matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)/g)].map(([, target = ""]) =>
    join(dirname(path), target),
  );
}

it("every link to a file of the repository leads somewhere", () => {
  const dead = documents.flatMap((document) =>
    linksOf(document)
      .filter((target) => !existsSync(join(ROOT, target)))
      .map((target) => `${document.path}: ${target}`),
  );
  expect(dead).toEqual([]);
});

it("every guide is linked from the README or from another guide", () => {
  const guides = documents.filter(({ path }) => /^docs\/[\w-]+\.md$/.test(path));
  const readers = [...guides, ...documents.filter(({ path }) => path === "README.md")];
  const linked = (guide: Document) =>
    readers.some((reader) => reader !== guide && linksOf(reader).includes(guide.path));
  expect(guides.filter((guide) => !linked(guide)).map(({ path }) => path)).toEqual([]);
});
