import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm, statfs, writeFile } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { type Database, DatabaseUnavailable } from "../../../sidecar/src/engine/db/database.ts";
import { openEmbedded } from "../../../sidecar/src/engine/db/embedded.ts";
import { stopAfterFile } from "../../harness/leftovers.ts";
import { type ResultRow, resultTable, writeResults } from "../../harness/result-table.ts";
import { type SpawnedSidecar, spawnTestSidecar } from "../../harness/spawned-sidecar.ts";

const HANG = { name: "hang", text: "SELECT pg_sleep(3600)" };
const ONE = { name: "one", text: "SELECT 1 AS one" };
const MB = 2 ** 20;
/** Of `/proc/<pid>/stat`, on every Linux. */
const TICKS_PER_SEC = 100;

async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "byo-embedded-"));
  stopAfterFile(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A disk that is really full when it is full; as root on Linux. */
async function smallDisk(bytes: number): Promise<string> {
  const folder = await emptyFolder();
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs", folder]);
  stopAfterFile(async () => void execFileSync("umount", ["--lazy", folder]));
  return folder;
}

const onFolder = (DATA_DIR: string) =>
  spawnTestSidecar({ env: { DATABASE_URL: undefined, DATA_DIR, DASHBOARD: "on", SESSION_CACHE: "off" } });

/** The most memory that a process has had, in MB, and the processor time that it has used, in seconds. */
async function costOf({ pid }: SpawnedSidecar): Promise<{ peakMb: number; cpuSecs: number }> {
  const [, kb = ""] = /VmHWM:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, "utf8")) ?? [];
  const [user, system] = (await readFile(`/proc/${pid}/stat`, "utf8")).split(" ").slice(13, 15).map(Number);
  return { peakMb: Math.round(Number(kb) / 1024), cpuSecs: ((user ?? NaN) + (system ?? NaN)) / TICKS_PER_SEC };
}

it("starts within its budget, the first time too", { timeout: 120_000 }, async () => {
  const folder = await emptyFolder();
  const rows: ResultRow[] = [];
  const others = Math.round(loadavg()[0] ?? 0);
  for (const start of ["first", "second"]) {
    const startMs = performance.now();
    const sidecar = await onFolder(folder);
    const secs = (performance.now() - startMs) / 1000;
    const { peakMb, cpuSecs } = await costOf(sidecar);
    await sidecar.kill("SIGTERM");
    rows.push({
      start,
      "ready after": `${secs.toFixed(1)} s`,
      "processor time": `${cpuSecs.toFixed(1)} s`,
      "most memory": `${peakMb} MB`,
    });
    expect(peakMb).toBeLessThan(400);
    // What else runs on this machine delays the start, but adds no processor time.
    expect(cpuSecs).toBeLessThan(5);
  }
  await writeResults("embedded", "The start of a sidecar with the embedded database", [
    `Until \`/readyz\` answers 200, with the dashboard on. The first start unpacks the database and makes the schema. With ${others} other processes at work on average, it waited for a processor most of the time; processor time and memory are what a start costs.`,
    resultTable(rows),
  ]);
});

it("refuses writes when its disk is full, and takes them again when there is room", { timeout: 180_000 }, async () => {
  const disk = await smallDisk(140 * MB);
  const sidecar = await onFolder(join(disk, "data"));
  const { sessionToken } = await sidecar.run("CreateSession", { userId: "ada" });
  const filler = join(disk, "filler");
  const { bavail, bsize } = await statfs(disk);
  // To the last block: whatever is written in spite of the guard fails.
  await writeFile(filler, Buffer.alloc(bavail * bsize, 1));

  for (let i = 0; i < 20; i++) {
    const refused = await sidecar.command("CreateSession", { userId: "eve" });
    expect(refused).toMatchObject({ status: 503, body: { type: "UnexpectedError" } });
    expect((await sidecar.get("/healthz")).status).toBe(200);
  }
  const ready = await sidecar.get("/readyz");
  expect([ready.status, JSON.parse(ready.text)]).toEqual([503, { status: "the disk of the database is full" }]);
  expect(await sidecar.command("ValidateSession", { sessionToken })).toMatchObject({ status: 200 });

  await rm(filler);
  await expect.poll(async () => (await sidecar.get("/readyz")).status).toBe(200);
  await sidecar.run("CreateSession", { userId: "bob" });

  await writeFile(filler, Buffer.alloc(bavail * bsize - MB, 1)).catch(() => {});
  expect(await sidecar.kill("SIGTERM")).toMatchObject({ signal: null });
  const again = await onFolder(join(disk, "data")).catch((error: Error) => error);
  expect(String(again)).toMatch(/DATA_DIR: .*there is no space left \(ENOSPC\)/);

  await rm(filler);
  const last = await onFolder(join(disk, "data"));
  expect(await last.command("ValidateSession", { sessionToken })).toMatchObject({ status: 200 });
});

it("hangs alone: the process goes on, refuses in time, gives up and can stop", { timeout: 90_000 }, async () => {
  const lost: Error[] = [];
  const dataDir = await emptyFolder();
  const db: Database = await openEmbedded({ dataDir, onLost: (reason) => lost.push(reason) });
  let ticks = 0;
  const ticking = setInterval(() => ticks++, 10);
  const startMs = performance.now();
  const hanging = db.query(HANG).catch((error: unknown) => error);
  await expect(db.query(ONE)).rejects.toBeInstanceOf(DatabaseUnavailable);
  expect(await hanging).toBeInstanceOf(DatabaseUnavailable);
  expect(performance.now() - startMs).toBeLessThan(8000);
  expect(ticks).toBeGreaterThan(50);
  clearInterval(ticking);
  await expect.poll(() => lost.map(String), { timeout: 25_000 }).toEqual([expect.stringMatching(/hangs.*space/)]);
  await expect(db.query(ONE)).rejects.toBeInstanceOf(DatabaseUnavailable);
  await db.close();
  // Nothing of the hanging thread is left that could write.
  const again = await openEmbedded({ dataDir, onLost: (reason) => lost.push(reason) });
  expect(await again.query(ONE)).toEqual([{ one: 1 }]);
  const stopped = again.query(HANG).catch((error: unknown) => error);
  await again.close();
  expect(await stopped).toBeInstanceOf(DatabaseUnavailable);
  expect(lost.length).toBe(1);
});
