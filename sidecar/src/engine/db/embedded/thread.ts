import { chmodSync, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import { PGlite } from "@electric-sql/pglite";
import { preparedCluster, unpackCluster } from "./cluster.ts";
import { type Asked, type Said, sent } from "./messages.ts";
import { connectionTo } from "./pglite-connection.ts";
import { expectSpace } from "./space.ts";

/** The thread of `threaded-connection.ts`: PostgreSQL runs here, apart from what answers requests. */
const { dataDir }: { dataDir: string } = workerData;
const files = join(dataDir, "pglite");
const say = (said: Said) => parentPort?.postMessage(said);
const ends = new Map<string, () => Promise<void>>();

async function open() {
  const isNew = !existsSync(files);
  expectSpace(dataDir, { isNew });
  if (isNew) await makeFiles();
  // Without its first file PGlite would put a new database over what is left.
  else if (!existsSync(join(files, "PG_VERSION"))) throw new Error(`${files} has no file PG_VERSION`);
  // Postgres refuses files that a group may write to, which an fsGroup of Kubernetes makes of them.
  else chmodSync(files, 0o700);
  return connectionTo(await PGlite.create({ dataDir: files }));
}

/** Under another name until they are complete: a start that ends halfway leaves nothing that looks like a database. */
async function makeFiles(): Promise<void> {
  const unfinished = `${files}.new`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { mode: 0o700 });
  const prepared = preparedCluster();
  if (prepared) await unpackCluster(prepared, unfinished);
  else await (await PGlite.create({ dataDir: unfinished })).close();
  renameSync(unfinished, files);
}

const connection = open();
// The first thing that is asked gets the failure as its answer.
connection.catch(() => {});

async function carryOut(asked: Asked): Promise<Record<string, unknown>[]> {
  const opened = await connection;
  switch (asked.kind) {
    case "query": {
      const { text, values, writes } = asked;
      if (writes) expectSpace(dataDir);
      return opened.query(text, values, { writes });
    }
    case "script":
      expectSpace(dataDir);
      await opened.script(asked.text);
      return [];
    case "listen": {
      const { channel } = asked;
      ends.set(channel, await opened.listen(channel, (payload) => say({ kind: "told", channel, payload })));
      return [];
    }
    case "unlisten":
      await ends.get(asked.channel)?.();
      ends.delete(asked.channel);
      return [];
    case "close":
      await opened.close();
      return [];
  }
}

parentPort?.on("message", (asked: Asked) => {
  const { id } = asked;
  carryOut(asked).then(
    (rows) => say({ kind: "done", id, rows }),
    (error: unknown) => say({ kind: "failed", id, error: sent(error) }),
  );
});
