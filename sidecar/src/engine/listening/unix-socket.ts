import { once } from "node:events";
import { chmod, lstat, mkdtemp, rename, rm, unlink } from "node:fs/promises";
import type { Server } from "node:http";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { ConfigError } from "../config/jsonc.ts";

/** Its owner and its group: applications run as members of the group. */
const MODE = 0o660;

/**
 * Listens on a path of the file system, and gives what ends that. A socket that a crashed process has left is replaced;
 * one that is in use stops the start.
 */
export async function listenOnSocket(server: Server, path: string): Promise<() => Promise<void>> {
  await makeSureIsFree(path);
  // Made where nobody else can reach it, so that it is never there with another mode than it should have.
  const dir = await mkdtemp(join(dirname(path), ".byo-")).catch((error: Error) => {
    throw new ConfigError([`SOCKET_PATH: ${dirname(path)} cannot be written to (${error.message})`]);
  });
  try {
    const made = join(dir, "s");
    server.listen(made);
    await once(server, "listening");
    await chmod(made, MODE);
    await rename(made, path);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
  const { ino } = await lstat(path);

  return async () => {
    const closed = once(server, "close");
    server.close();
    // Another sidecar may have taken the path over meanwhile.
    const now = await lstat(path).catch(() => undefined);
    if (now?.ino === ino) await unlink(path);
    await closed;
  };
}

async function makeSureIsFree(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (!found) return;
  if (!found.isSocket()) throw new ConfigError([`SOCKET_PATH: ${path} is there already, and is no socket`]);
  if (await answers(path)) throw new ConfigError([`SOCKET_PATH: another process listens on ${path}`]);
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.on("connect", () => {
      resolve(true);
      socket.destroy();
    });
    socket.on("error", () => resolve(false));
  });
}
