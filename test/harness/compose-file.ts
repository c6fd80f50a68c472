import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";

/** One service of a compose file, as far as the tests read it. */
export interface ComposeService {
  readonly image?: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
}

export const readRepositoryFile = (path: string): string =>
  readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), "utf8");

/** The services of a compose file; the tag `!override`, which compose knows, is left to `mergeServices`. */
export function servicesIn(yaml: string): Record<string, ComposeService> {
  const override = { tag: "!override", collection: "seq" } as const;
  const { services }: { services: Record<string, ComposeService> } = parse(yaml, { customTags: [override] });
  return services;
}

/** Replaces `${NAME}`, `${NAME:-default}` and `${NAME:?message}` as compose does. */
export function interpolate(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replace(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_, name: string, operator?: string, rest = "") => {
    const value = variables[name];
    if (value) return value;
    if (operator === "?") throw new Error(`${name}: ${rest}`);
    return rest;
  });
}

/** What the image sets, from the ENV lines of its last stage. */
export const IMAGE_ENVIRONMENT: Readonly<Record<string, string>> = Object.fromEntries(
  [...readRepositoryFile("sidecar/Dockerfile").matchAll(/^ENV (.+)$/gm)].flatMap(([, line = ""]) =>
    line.split(" ").map((pair) => pair.split("=", 2)),
  ),
);
