import { type ClientOptions, createClient, type SidecarClient } from "@byo-session/core";
import { stopAfterFile } from "../../harness/leftovers.ts";
import type { TestSidecar } from "../../harness/test-sidecar.ts";

export interface ConnectedClient extends SidecarClient {
  /** What it told the operator. */
  readonly lines: readonly string[];
}

/** Core's client of a sidecar, with the lines it logs; closed at the end of the file. */
export function clientOf(
  sidecar: Pick<TestSidecar, "url" | "integrationKey">,
  options: Partial<ClientOptions> = {},
): ConnectedClient {
  const lines: string[] = [];
  const { url, integrationKey } = sidecar;
  const client = createClient({ url, integrationKey, log: (line) => lines.push(line), ...options });
  stopAfterFile(() => client.close());
  return { ...client, lines };
}

/** The same, once its commands go over the fast path. */
export async function connectedClient(
  sidecar: Pick<TestSidecar, "url" | "integrationKey" | "metrics">,
  options: Partial<ClientOptions> = {},
): Promise<ConnectedClient> {
  const client = clientOf(sidecar, options);
  const before = await commandsOverFastPath(sidecar);
  while ((await commandsOverFastPath(sidecar)) === before) await client.ping(undefined);
  return client;
}

export async function commandsOverFastPath(sidecar: Pick<TestSidecar, "metrics">): Promise<number> {
  return (await sidecar.metrics()).get("byo_fast_path_commands_total") ?? 0;
}
