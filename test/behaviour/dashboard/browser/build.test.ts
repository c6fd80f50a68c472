import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliDecompressSync, gunzipSync, gzipSync } from "node:zlib";
import { request } from "undici";
import { beforeAll, expect, it } from "vitest";
import { type DashboardBrowser, expectHeading, startDashboardBrowser } from "./dashboard-browser.ts";

const DIST = fileURLToPath(new URL("../../../../sidecar/dashboard/dist/", import.meta.url));
const FIRST_LOAD_LIMIT_BYTES = 300_000;

let dashboard: DashboardBrowser;
beforeAll(async () => {
  dashboard = await startDashboardBrowser();
});

/** What the browser fetched of the build until the page stood there, compressed as a proxy in front would. */
async function gzippedFirstLoad(path: string, heading: string): Promise<{ bytes: number; files: string[] }> {
  const page = await dashboard.open(undefined, "/");
  await expectHeading(page, "Log in to the session dashboard");
  await page.close();
  const fresh = await dashboard.open(dashboard.owner, path);
  await expectHeading(fresh, heading);
  const urls = await fresh.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => name));
  const files = urls.map((url) => new URL(url).pathname).filter((file) => file.startsWith("/assets/"));
  const sizes = ["/index.html", ...files].map((file) => gzipSync(readFileSync(join(DIST, file))).length);
  return { bytes: sizes.reduce((sum, size) => sum + size, 0), files };
}

it("loads its first page in under 300 kB, and what draws charts only where there are charts", async () => {
  const { bytes, files } = await gzippedFirstLoad("/sessions", "Sessions");
  expect(bytes).toBeGreaterThan(50_000);
  expect(bytes).toBeLessThan(FIRST_LOAD_LIMIT_BYTES);
  expect(files.filter((file) => file.includes("chart"))).toEqual([]);
});

it.each([
  ["br", brotliDecompressSync],
  ["gzip", gunzipSync],
] as const)("sends what the build has compressed as %s, to be kept for a year", async (encoding, decompress) => {
  const script = readdirSync(join(DIST, "assets")).find((file) => /^index-.*\.js$/.test(file)) ?? "";
  const headers = { "accept-encoding": encoding };
  const answer = await request(`${dashboard.url}/assets/${script}`, { headers });
  const sent = Buffer.from(await answer.body.arrayBuffer());
  expect(answer.headers).toMatchObject({
    "content-encoding": encoding,
    "content-type": expect.stringMatching(/javascript/),
    "cache-control": "public, max-age=31536000, immutable",
    vary: "accept-encoding",
  });
  const plain = readFileSync(join(DIST, "assets", script));
  expect(decompress(sent).equals(plain)).toBe(true);
  expect(sent.length).toBeLessThan(plain.length / 2);
});

it.each([
  ["br", "br"],
  ["gzip", undefined],
  ["br;q=0, gzip", undefined],
])("sends the page itself to a browser that takes %s", async (accepted, encoding) => {
  const headers = { accept: "text/html", "accept-encoding": accepted };
  const answer = await request(dashboard.url, { headers });
  const sent = Buffer.from(await answer.body.arrayBuffer());
  expect(answer.headers).toMatchObject({ vary: "accept-encoding", "cache-control": "no-cache" });
  expect(answer.headers["content-encoding"]).toBe(encoding);
  expect(String(encoding ? brotliDecompressSync(sent) : sent)).toContain("<title>Sessions</title>");
});

it("holds no inline script or style, and no address of somebody else to fetch from", () => {
  const page = readFileSync(join(DIST, "index.html"), "utf8");
  expect(page.match(/<script(?![^>]*\bsrc=)/g)).toBeNull();
  expect(page.match(/<style|\sstyle=|\son\w+=/g)).toBeNull();
  expect(page.match(/(?:src|href)="(?!\/assets\/)[^"]*"/g)).toBeNull();
  const sheets = readdirSync(join(DIST, "assets")).filter((file) => file.endsWith(".css"));
  expect(sheets.length).toBeGreaterThan(0);
  for (const sheet of sheets) expect(readFileSync(join(DIST, "assets", sheet), "utf8")).not.toMatch(/url\(|@import/);
});

it("is served so that nothing of it can be framed, sniffed or changed by another site", async () => {
  const answer = await fetch(dashboard.url, { headers: { accept: "text/html" } });
  const policy = answer.headers.get("content-security-policy") ?? "";
  expect(policy).toContain("script-src 'self'");
  expect(policy).toContain("style-src 'self'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toMatch(/unsafe|nonce|\*/);
});

it("holds types alone of the server's calls: no schema, no handler, no statement", () => {
  const scripts = readdirSync(join(DIST, "assets")).filter((file) => file.endsWith(".js"));
  const code = scripts.map((file) => readFileSync(join(DIST, "assets", file), "utf8")).join("\n");
  // Of the page itself, so that an empty build does not pass.
  expect(code).toContain("sessions/end-many");
  for (const server of [
    "safeParse",
    "expected a session id",
    "This needs the role",
    "byo.dashboard_users",
    "fastify",
  ]) {
    expect(code).not.toContain(server);
  }
});
