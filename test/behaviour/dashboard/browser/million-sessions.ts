import type { TestProject } from "vitest/node";
import "../../../harness/provided.ts";
import { runSql } from "../../../harness/run-sql.ts";
import { insertSessions } from "../api/many-sessions.ts";

const SESSIONS = 1_000_000;
const TEMPLATE = "byo_million_sessions";

/** Fills a million sessions once into the database from which each test file gets its copy. */
export default async function fillTemplate(project: TestProject): Promise<void> {
  const { database } = project.getProvidedContext();
  if (database.kind !== "postgres") throw new Error("a million sessions are for Postgres only");
  await runSql(database.adminUrl, `CREATE DATABASE ${TEMPLATE} TEMPLATE ${database.template}`);
  const url = new URL(database.adminUrl);
  url.pathname = `/${TEMPLATE}`;
  await insertSessions({ sql: (text, values) => runSql(url.href, text, values) }, SESSIONS);
  project.provide("database", { ...database, template: TEMPLATE });
}
