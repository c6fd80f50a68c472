import { readFileSync } from "node:fs";
import { END_REASONS } from "@byo-session/core/contract";
import { expect, it } from "vitest";
import { ROLES } from "../src/dashboard/contract/roles.ts";
import { IMPERSONATION_END_REASONS } from "../src/engine/impersonation/end-reasons.ts";

const SCHEMA = readFileSync(new URL("../schema.sql", import.meta.url), "utf8");
const CHECK = /CONSTRAINT (\w+) CHECK \(\(\w+ = ANY \(ARRAY\[([^\]]+)\]/g;

it("columns that take a list of words take those of the code: a new one needs a migration", () => {
  const taken = [...SCHEMA.matchAll(CHECK)].map(([, name, words = ""]) => [
    name,
    [...words.matchAll(/'(\w+)'/g)].map(([, word]) => word),
  ]);
  expect(Object.fromEntries(taken)).toEqual({
    impersonation_sessions_end_reason_check: [...IMPERSONATION_END_REASONS],
    sessions_end_reason_check: [...END_REASONS],
    dashboard_users_role_check: [...ROLES],
  });
});
