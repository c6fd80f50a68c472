import { once } from "node:events";
import { chmod, lstat, mkdtemp, rename, rm, unlink } from "node:fs/promises";
import type { Server } from "node:http";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { ConfigError } from "../config/jsonc.ts";
import { endConnections } from "./end-connections.ts";

/** Access for the owner and the group: applications run as members of the group. */
const MODE = 0o660;

/**
 * Listens on a path and returns a function that stops it. Replaces a socket that a crashed process left behind; a
 * socket in use stops the start.
 */
export async function listenOnSocket(server: Server, path: string): Promise<() => Promise<void>> {
  await makeSureIsFree(path);
  // Created in a private folder, so that it is never reachable with a wrong mode.
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
    endConnections(server);
    server.close();
    // Another sidecar may have taken over the path meanwhile.
    const now = await lstat(path).catch(() => undefined);
    if (now?.ino === ino) await unlink(path);
    await closed;
  };
}

async function makeSureIsFree(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (!found) return;
  if (!found.isSocket())
    throw new ConfigError([`SOCKET_PATH: ${path} exists and is not a socket; remove it or choose another path`]);
  if (await answers(path))
    throw new ConfigError([`SOCKET_PATH: another process listens on ${path}; stop it or choose another path`]);
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
