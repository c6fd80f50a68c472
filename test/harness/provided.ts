/** What a project's setup provides for its test files. */
export type ProvidedDatabase = ProvidedPostgres | { kind: "embedded"; templateDir: string };

export interface ProvidedPostgres {
  kind: "postgres";
  version: "oldest" | "newest";
  adminUrl: string;
  template: string;
}

declare module "vitest" {
  interface ProvidedContext {
    database: ProvidedDatabase;
    /** Where a Chromium listens that the files of a project share. */
    chromium: string | undefined;
  }
}
