import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ByoSessionOptions, CookieOptions } from "@byo-session/core";
import type { FakeSessionOptions } from "@byo-session/testing";
import { expect, it } from "vitest";
import { STATUS_OF_REASON } from "../../../core/src/answers/reasons.ts";
import { ROUTES } from "../../../core/src/gate/routes.ts";
import { ROOT } from "./code-blocks.ts";

/** The compiler holds these to the types: none can be missing, and none invented. */
const OPTIONS = {
  addedPrefix: true,
  bearer: true,
  challengeStatus: true,
  client: true,
  clientIp: true,
  cookie: true,
  crossOriginProtection: true,
  device: true,
  devicePage: true,
  hold: true,
  impersonation: true,
  integrationKey: true,
  lazy: true,
  legacySession: true,
  loginUrl: true,
  onNewDevice: true,
  publicUrl: true,
  routes: true,
  sessionProperty: true,
  skip: true,
  stateless: true,
  timeoutMs: true,
  trustedOrigins: true,
  url: true,
} satisfies Record<keyof ByoSessionOptions<never>, true>;
const COOKIE_OPTIONS = {
  domain: true,
  name: true,
  partitioned: true,
  path: true,
  previous: true,
  sameSite: true,
  secure: true,
} satisfies Record<keyof CookieOptions, true>;

const FAKE_SESSION_OPTIONS = {
  bearer: true,
  cookieName: true,
  createdAt: true,
  device: true,
  expiresAt: true,
  idleExpiresAt: true,
  impersonator: true,
  metadata: true,
  refused: true,
  sessionId: true,
  tags: true,
  userId: true,
} satisfies Record<keyof FakeSessionOptions, true>;
const FAKE_DEVICES = { proof: true, recent: true, unproved: true } satisfies Record<
  NonNullable<FakeSessionOptions["device"]>,
  true
>;

/** The rows of the tables below a heading, up to the next one. */
function rowsBelow(document: string, heading: string): string[][] {
  const text = readFileSync(join(ROOT, "docs", document), "utf8");
  const [, section] = text.split(new RegExp(`^#+ ${heading}\n`, "m"));
  if (section === undefined) throw new Error(`docs/${document} has no heading "${heading}"`);
  const [ofSection = ""] = section.split(/^#/m);
  return ofSection
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) =>
      line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

const namesIn = (cell = "") => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name);

it("docs/express.md has every option, and no other", () => {
  const names = rowsBelow("express.md", "Options").flatMap(([cell]) => namesIn(cell));
  expect(names.toSorted()).toEqual(Object.keys(OPTIONS).toSorted());
  const ofCookie = rowsBelow("express.md", "The cookie").flatMap(([cell]) => namesIn(cell));
  expect(ofCookie.toSorted()).toEqual(Object.keys(COOKIE_OPTIONS).toSorted());
});

it("docs/testing.md has every option of fakeSession(), and every state of its device", () => {
  const rows = rowsBelow("testing.md", "A fake session");
  expect(rows.flatMap(([cell]) => namesIn(cell)).toSorted()).toEqual(Object.keys(FAKE_SESSION_OPTIONS).toSorted());
  const [, , states = ""] = rows.find(([cell]) => cell === "`device`") ?? [];
  const named = [...states.matchAll(/`(\w+)`:/g)].map(([, state]) => state);
  expect(named.toSorted()).toEqual(Object.keys(FAKE_DEVICES).toSorted());
});

it("docs/reasons.md has every reason with its status, and no other", () => {
  const headings = [
    "The session is over, or never existed",
    "The session lives, but this request may not use it",
    "The request itself",
    "Something is wrong on your side",
  ];
  const rows = headings.flatMap((heading) => rowsBelow("reasons.md", heading));
  const documented = rows.map(([reason, status]) => [namesIn(reason).join(), Number(status)]);
  expect(documented.toSorted()).toEqual(Object.entries(STATUS_OF_REASON).toSorted());
  // Meaning, what the user sees and what to do are said of each.
  expect(rows.filter((cells) => cells.length !== 5 || cells.includes(""))).toEqual([]);
});

it("docs/routes.md has every ready-made route with its method", () => {
  const documented = rowsBelow("routes.md", "The ready-made routes").flatMap(([cell]) => namesIn(cell));
  const served = Object.entries(ROUTES).map(([name, { method }]) => `${method} /session${name && `/${name}`}`);
  expect(documented.toSorted()).toEqual([...served, "DELETE /session/:id"].toSorted());
});
