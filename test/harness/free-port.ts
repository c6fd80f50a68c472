import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";

/**
 * Below what any system gives to outgoing connections: between here and its use nobody takes one of these by chance. Of
 * the others a busy machine takes thousands.
 */
const FIRST = 20_000;
const END = 32_768;

/** A loopback port that nobody listens on right now. Prefer port 0 where the program can say which one it got. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(FIRST, END);
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch {
    return false;
  }
  server.close();
  await once(server, "close");
  return true;
}
