/** What the set-up of a project leaves for its test files. */
export type ProvidedDatabase =
  | { kind: "postgres"; version: "oldest" | "newest"; adminUrl: string; template: string }
  | { kind: "embedded"; templateDir: string };

declare module "vitest" {
  interface ProvidedContext {
    database: ProvidedDatabase;
  }
}
