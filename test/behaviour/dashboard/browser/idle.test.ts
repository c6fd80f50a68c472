import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type ResultRow, resultTable, writeResults } from "../../../harness/result-table.ts";
import { insertSessions } from "../api/many-sessions.ts";
import { type DashboardBrowser, startDashboardBrowser } from "./dashboard-browser.ts";

const MEASURED_MS = 60_000;
const SESSIONS = 5_000;
const MANY = 5;
const MAX_QUERIES_OF_PAGE = 25;

const rows: ResultRow[] = [];
let dashboard: DashboardBrowser;
let baseline = 0;

beforeAll(async () => {
  dashboard = await startDashboardBrowser();
  // The database of the long tests has a million already.
  await dashboard.sidecar.sql("TRUNCATE byo.sessions, byo.counters");
  await insertSessions(dashboard.sidecar, SESSIONS);
  // What the sidecar asks by itself, without any page.
  baseline = await queriesOf(() => wait());
}, 200_000);

const wait = () => new Promise((resolve) => setTimeout(resolve, MEASURED_MS));

/** How many statements the database has committed meanwhile: outside of a transaction, each is one. */
async function queriesOf(work: () => Promise<unknown>): Promise<number> {
  const committed = async () => {
    // Connections report what they did when they have been idle for a moment.
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const [row] = await dashboard.sidecar.sql<{ count: number }>(
      "SELECT xact_commit::float8 AS count FROM pg_stat_database WHERE datname = current_database()",
    );
    return row?.count ?? 0;
  };
  const before = await committed();
  await work();
  return (await committed()) - before;
}

/** Counts what arrives, as it comes over the wire. */
async function countBytes(page: Page): Promise<() => number> {
  const session = await page.context().newCDPSession(page);
  let bytes = 0;
  session.on("Network.responseReceived", ({ response }) => (bytes += response.encodedDataLength));
  session.on("Network.dataReceived", ({ encodedDataLength, dataLength }) => (bytes += encodedDataLength || dataLength));
  await session.send("Network.enable");
  return () => bytes;
}

async function openPages(path: string, count: number, hasStream: boolean): Promise<Page[]> {
  const pages: Page[] = [];
  for (let index = 0; index < count; index++) {
    const page = await dashboard.open(dashboard.owner, "/no-such-page");
    page.setDefaultTimeout(60_000);
    if (!hasStream) await page.route("**/dashboard-api/live/events*", (route) => route.abort());
    await page.goto(dashboard.url + path);
    await page.getByText("Live", { exact: true }).waitFor();
    pages.push(page);
  }
  return pages;
}

/** What open pages cost in a minute in which nothing happens. */
async function measure(name: string, path: string, count: number, hasStream: boolean) {
  const pages = await openPages(path, count, hasStream);
  // The stream says once that the page should look again.
  await new Promise((resolve) => setTimeout(resolve, 10_000));
  const counters = await Promise.all(pages.map(countBytes));
  const queries = (await queriesOf(wait)) - baseline;
  const bytes = counters.reduce((sum, bytesOf) => sum + bytesOf(), 0) / count;
  await Promise.all(pages.map((page) => page.context().close()));
  const row = { "open pages": name, "bytes per page": Math.round(bytes), "queries of all": Math.max(0, queries) };
  rows.push(row);
  return { bytes, queries };
}

it("an open page on which nothing happens costs a fifth of what asking every five seconds costs, at most", async () => {
  const polled = await measure("1 list, asking every 5 seconds", "/sessions", 1, false);
  const list = await measure("1 list", "/sessions", 1, true);
  const user = await measure("1 page of a user", "/user?id=user-7", 1, true);
  const many = await measure(`${MANY} lists`, "/sessions", MANY, true);
  expect(list.bytes).toBeLessThan(polled.bytes / 5);
  expect(user.bytes).toBeLessThan(polled.bytes / 5);
  // Each page asks its own questions once a minute, which is all that it adds.
  expect(many.queries).toBeLessThan(MANY * MAX_QUERIES_OF_PAGE);
}, 600_000);

afterAll(async () => {
  await writeResults("dashboard-idle", "What an open dashboard costs while nothing happens", [
    "Per minute, in Chromium on a sidecar with Postgres and 5,000 sessions. Bytes are headers and bodies that arrive, without " +
      "compression. Queries are those of all pages of one replica, beyond what the sidecar asks by itself; the stream of all " +
      "open pages is one question every three seconds, and each page asks for its list once a minute besides.",
    resultTable(rows),
  ]);
});
