import { describe, expect, it } from "vitest";
import { MIGRATIONS, readMigrations } from "../../../sidecar/src/engine/db/migrations.ts";

/** Migrations before this one may be older than the rule; those that claim to follow it are held to it. */
const FIRST_HELD = 20;

/** What the programs of the version before would trip over: they read and write the schema that they know. */
const BREAKING: readonly [what: string, pattern: RegExp][] = [
  ["takes something away", /\bDROP\s+(TABLE|COLUMN|FUNCTION|SCHEMA|TYPE|SEQUENCE|VIEW)\b/i],
  ["renames something", /\bRENAME\s+(TO|COLUMN|CONSTRAINT)\b/i],
  ["changes a type", /\bALTER\s+(COLUMN\s+)?\w+\s+(SET\s+DATA\s+)?TYPE\b/i],
  [
    "asks for a value that they do not write",
    /\bSET\s+NOT\s+NULL\b|\bADD\s+COLUMN\s+(?![^,;]*\bDEFAULT\b)[^,;]*\bNOT\s+NULL\b/i,
  ],
  ["refuses a value that they write", /\bADD\s+(CONSTRAINT\b|CHECK\b|UNIQUE\b|FOREIGN\b)|\bCREATE\s+UNIQUE\s+INDEX\b/i],
  ["deletes what they have written", /\b(DELETE\s+FROM|TRUNCATE)\b/i],
];

function breaks(sql: string): string[] {
  const all = sql.replaceAll(/--.*$/gm, "");
  // Nobody writes yet to a table that the migration itself creates.
  const created = [...all.matchAll(/\bCREATE\s+TABLE\s+([\w.]+)/gi)].map(([, table]) => table);
  const statements = all.replaceAll(/\bCREATE\s+UNIQUE\s+INDEX\s+\w+\s+ON\s+([\w.]+)[^;]*;/gi, (index, table) =>
    created.includes(table) ? "" : index,
  );
  return BREAKING.filter(([, pattern]) => pattern.test(statements)).map(([what]) => what);
}

const migrations = await readMigrations(MIGRATIONS);
const held = migrations.filter(({ version, servesFrom }) => version >= FIRST_HELD || servesFrom < version);

describe("the rule for migrations in CONTRIBUTING.md", () => {
  it("has migrations to hold", () => {
    expect(held.length).toBeGreaterThan(0);
  });

  it.each(held)("$file runs beside the version before, and says so", ({ file, version, servesFrom, sql }) => {
    expect(servesFrom, `${file} needs a first line such as "-- Serves versions from 000013."`).toBeLessThan(version);
    expect(migrations.map((known) => known.version)).toContain(servesFrom);
    expect(breaks(sql)).toEqual([]);
  });

  it.each([
    "ALTER TABLE byo.sessions DROP COLUMN salt",
    "DROP TABLE byo.jobs",
    "ALTER TABLE byo.jobs RENAME COLUMN name TO job",
    "ALTER TABLE byo.jobs ALTER COLUMN name TYPE varchar(20)",
    "ALTER TABLE byo.jobs ALTER name SET DATA TYPE varchar(20)",
    "ALTER TABLE byo.jobs ALTER COLUMN last_error SET NOT NULL",
    "ALTER TABLE byo.jobs ADD COLUMN note text NOT NULL",
    "ALTER TABLE byo.jobs ADD CONSTRAINT short CHECK (length(name) < 20)",
    "CREATE UNIQUE INDEX one ON byo.jobs (last_error)",
    "DELETE FROM byo.jobs",
  ])("would not pass: %s", (sql) => {
    expect(breaks(sql)).toHaveLength(1);
  });

  it.each([
    "ALTER TABLE byo.jobs ADD COLUMN note text",
    "ALTER TABLE byo.jobs ADD COLUMN note text NOT NULL DEFAULT ''",
    "CREATE TABLE byo.notes (id bigint PRIMARY KEY, note text NOT NULL)",
    "CREATE INDEX jobs_started ON byo.jobs (last_started_at)",
    "CREATE TABLE byo.notes (note text); CREATE UNIQUE INDEX notes_note ON byo.notes (note);",
    "-- DROP TABLE byo.jobs comes a release later",
  ])("passes: %s", (sql) => {
    expect(breaks(sql)).toEqual([]);
  });
});
