import type { AddressInfo } from "node:net";
import type { FastifyInstance } from "fastify";

/** A port cannot be listened on. The message names the settings, the cause says why. */
class ListenError extends Error {
  override readonly name = "ListenError";
}

export interface ListeningAddress {
  host: string;
  port: number;
  /** The names of the settings that say so, for an error. */
  settings: string;
}

/** Listens, and returns the port. Rejects with a `ListenError`. */
export async function listenOn(app: FastifyInstance, { host, port, settings }: ListeningAddress): Promise<number> {
  try {
    await app.listen({ host, port });
  } catch (cause) {
    throw new ListenError(`${settings}: ${urlHost(host)}:${port} cannot be listened on`, { cause });
  }
  return (app.server.address() as AddressInfo).port;
}

/** A host as it is written in a URL. */
export function urlHost(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
