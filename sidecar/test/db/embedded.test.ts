import { chmod, mkdir, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Database } from "../../src/engine/db/database.ts";
import { preparedCluster } from "../../src/engine/db/embedded/cluster.ts";
import { openEmbedded } from "../../src/engine/db/embedded.ts";

const ONE = { name: "one", text: "SELECT 1 AS one" };
let dataDir: string;
let db: Database | undefined;

async function open(): Promise<Database> {
  db = await openEmbedded({
    dataDir,
    onLost(reason) {
      throw reason;
    },
    lockRetries: 0,
  });
  return db;
}

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "byo-embedded-"));
});
afterEach(async () => {
  await db?.close();
  await rm(dataDir, { recursive: true, force: true });
});

describe("an embedded database in a folder", () => {
  it("starts from the prepared cluster, and again from a start that ended halfway", async () => {
    expect(preparedCluster()).toBeDefined();
    await mkdir(join(dataDir, "pglite.new", "base"), { recursive: true });
    expect(await (await open()).query(ONE)).toEqual([{ one: 1 }]);
    expect((await readdir(dataDir)).sort()).toEqual([".gitignore", "lock", "pglite"]);
  });

  it("opens a folder that an fsGroup made writable for a group", async () => {
    await (await open()).close();
    for (const folder of [dataDir, join(dataDir, "pglite")]) await chmod(folder, 0o2770);
    expect(await (await open()).query(ONE)).toEqual([{ one: 1 }]);
    expect((await stat(join(dataDir, "pglite"))).mode & 0o777).toBe(0o700);
  });

  it("rolls a failed transaction back, and the next has its turn", async () => {
    const opened = await open();
    await opened.query({ name: "make", text: "CREATE TABLE kept (n integer)" });
    const insert = { name: "insert", text: "INSERT INTO kept VALUES (1)" };
    const failing = opened.transaction(async (tx) => {
      await tx.query(insert);
      throw new Error("changed its mind");
    });
    const next = opened.transaction((tx) => tx.query(insert));
    await expect(failing).rejects.toThrow("changed its mind");
    await next;
    expect(await opened.query({ name: "count", text: "SELECT count(*)::integer AS n FROM kept" })).toEqual([{ n: 1 }]);
  });
});
