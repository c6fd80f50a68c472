import { setFlagsFromString } from "node:v8";
import { Worker } from "node:worker_threads";
import { DatabaseUnavailable } from "../database.ts";
import type { Connection } from "./connection.ts";
import { received, type Said, type Task } from "./messages.ts";
import { asBuffer } from "./pglite-connection.ts";

export interface ThreadOptions {
  dataDir: string;
  /** Called when the database has ended or hangs, so that this process can do nothing more. */
  onLost: (reason: Error) => void;
}

interface Waiting {
  resolve: (rows: Record<string, unknown>[]) => void;
  reject: (error: Error) => void;
  watch: NodeJS.Timeout | undefined;
}

/** A statement that takes longer never ends: the longest of ours take seconds on a slow machine. */
const HANGS_AFTER_MS = 15_000;
/** After a crash the log is read again, which takes long on a slow disk. */
const OPEN_LIMIT_MS = 120_000;
/** Shorter than what a stop may take as a whole. */
const CLOSE_LIMIT_MS = 5000;

/** The sources run without a build, so the thread needs the same flags as this process. */
const IS_SOURCE = import.meta.url.endsWith(".ts");
const THREAD = new URL(IS_SOURCE ? "./thread.ts" : "./thread.js", import.meta.url);

/**
 * Opens the database of a folder in a thread of its own. However long it works, or if it hangs, this thread goes on:
 * it answers health checks and signals, and refuses what it cannot serve.
 */
export async function openThreaded({ dataDir, onLost }: ThreadOptions): Promise<Connection> {
  // Compiling PostgreSQL a second time, for speed, takes over 400 MB. Who needs the speed has a server.
  for (const flag of ["--no-wasm-tier-up", "--no-wasm-dynamic-tiering"]) setFlagsFromString(flag);
  const worker = new Worker(THREAD, {
    workerData: { dataDir },
    execArgv: IS_SOURCE ? ["--conditions=@byo-session/source"] : [],
  });
  const waiting = new Map<number, Waiting>();
  const listeners = new Map<string, (payload: string) => void>();
  let lastId = 0;
  let isOpen = false;
  let ended: Error | undefined;

  function end(reason: Error): void {
    if (ended) return;
    ended = reason;
    for (const { reject, watch } of waiting.values()) {
      clearTimeout(watch);
      reject(new DatabaseUnavailable("the embedded database has ended", { cause: reason }));
    }
    waiting.clear();
    void worker.terminate();
  }

  function lose(reason: Error): void {
    if (ended) return;
    end(reason);
    if (isOpen) onLost(reason);
  }

  function ask(task: Task, hangsAfterMs: number | undefined): Promise<Record<string, unknown>[]> {
    return new Promise((resolve, reject) => {
      if (ended) return reject(new DatabaseUnavailable("the embedded database has ended", { cause: ended }));
      const id = ++lastId;
      const hangs = () =>
        lose(new Error("the embedded database hangs: check the free space on its disk, then restart"));
      const watch = hangsAfterMs === undefined ? undefined : setTimeout(hangs, hangsAfterMs).unref();
      waiting.set(id, { resolve, reject, watch });
      worker.postMessage({ ...task, id });
    });
  }

  worker.on("message", (said: Said) => {
    if (said.kind === "told") return listeners.get(said.channel)?.(said.payload);
    const asked = waiting.get(said.id);
    waiting.delete(said.id);
    clearTimeout(asked?.watch);
    if (said.kind === "failed") asked?.reject(received(said.error));
    else asked?.resolve(said.rows);
  });
  worker.on("error", lose);
  worker.on("exit", (code) => lose(new Error(`the thread of the embedded database has ended with code ${code}`)));

  const connection: Connection = {
    async query(text, values, { writes }) {
      const rows = await ask({ kind: "query", text, values, writes }, HANGS_AFTER_MS);
      for (const row of rows) for (const [name, value] of Object.entries(row)) row[name] = asBuffer(value);
      return rows;
    },
    script: async (text) => void (await ask({ kind: "script", text }, undefined)),
    async listen(channel, onTold) {
      listeners.set(channel, onTold);
      await ask({ kind: "listen", channel }, HANGS_AFTER_MS);
      return async () => {
        listeners.delete(channel);
        await ask({ kind: "unlisten", channel }, HANGS_AFTER_MS);
      };
    },
    async close() {
      const limit = setTimeout(() => end(new Error("the embedded database did not close in time")), CLOSE_LIMIT_MS);
      await ask({ kind: "close" }, undefined).catch(() => {});
      clearTimeout(limit);
      end(new Error("the embedded database is closed"));
    },
  };
  try {
    await ask({ kind: "query", text: "SELECT", values: [], writes: false }, OPEN_LIMIT_MS);
    isOpen = true;
    return connection;
  } catch (error) {
    end(new Error("the embedded database cannot be opened"));
    throw error;
  }
}
