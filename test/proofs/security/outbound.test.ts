import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { stopAfterFile } from "../../harness/leftovers.ts";
import { launchSidecar } from "../../harness/spawned-sidecar.ts";

const SPY = new URL("./outbound-spy.ts", import.meta.url).href;

/** Starts a sidecar, uses it, and returns its connections and lookups of other hosts. */
async function outboundOf(env: Record<string, string | undefined>): Promise<string[]> {
  const sidecar = await launchSidecar({ env: { NODE_OPTIONS: `--import=${SPY}`, ...env } });
  // Making an embedded database from nothing takes seconds, on a busy machine many.
  await expect.poll(() => sidecar.logText(), { timeout: 90_000 }).toContain("the sidecar is listening");
  const { sessionToken } = await sidecar.run("CreateSession", {
    userId: "ada",
    userAgent: "Mozilla/5.0 https://tracker.example/pixel",
    ipAddress: "203.0.113.7",
    metadata: { url: "https://tracker.example" },
  });
  await sidecar.command("ValidateSession", {
    sessionToken,
    userAgent: "Mozilla/5.0 https://tracker.example/pixel",
    ipAddress: "203.0.113.8",
  });
  // A proof that names keys to be fetched is malformed; nothing is fetched.
  const header = Buffer.from(
    JSON.stringify({ typ: "dpop+jwt", alg: "ES256", jku: "https://tracker.example/keys" }),
  ).toString("base64url");
  await sidecar.command("RegisterDevice", {
    sessionToken,
    signedDeviceChallenge: `${header}.e30.AAAA`,
    requestUrl: "https://tracker.example/",
  });
  await sidecar.get("/metrics");
  await sleep(1500);
  const lines = sidecar
    .logText()
    .split("\n")
    .filter((line) => line.startsWith("OUTBOUND"));
  await sidecar.stop();
  return lines;
}

it("55 a default run looks up no name and connects to nobody", { timeout: 120_000 }, async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "byo-outbound-"));
  stopAfterFile(() => rm(dataDir, { recursive: true, force: true }));
  // Looking up its own address to listen on is not an outbound connection: it never leaves the machine.
  const lines = (await outboundOf({ DATABASE_URL: undefined, DATA_DIR: dataDir })).filter(
    (line) => !/ lookup \[ '127\.0\.0\.1'/.test(line),
  );
  // The thread of the embedded database is watched too.
  expect(lines).toEqual(["OUTBOUND watching", "OUTBOUND watching"]);
});

it("55 with a database server it connects to that one only", { timeout: 120_000 }, async () => {
  const lines = await outboundOf({});
  const connections = lines.filter((line) => line.startsWith("OUTBOUND connect"));
  expect(connections.length).toBeGreaterThan(0);
  for (const line of connections) expect(line).toMatch(/127\.0\.0\.1/);
  expect(lines.join("\n")).not.toContain("tracker.example");
});
