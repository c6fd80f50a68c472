import { readAddress } from "../../../core/src/sidecar/address.ts";
import { createCarrier } from "../../../core/src/sidecar/carrier-node.ts";
import { buildApp } from "../../../sidecar/src/app.ts";
import type { CommandRunner, WireAnswer } from "../../../sidecar/src/engine/commands/run-command.ts";
import { createServeCommand, type ServeCommand } from "../../../sidecar/src/engine/commands/serve-command.ts";
import { createFastPath } from "../../../sidecar/src/engine/fast-path/fast-path.ts";
import { createMetrics } from "../../../sidecar/src/engine/metrics/metrics.ts";
import type { Sent } from "./port.ts";
import type { Replica } from "./replica.ts";

/** How core's client carries commands: many at a time in frames, or a request each. */
export type CarrierName = "frames" | "run-command";

const PATIENT_MS = 60_000;
const ACCEPTED = { ok: true, keyId: "test", allows: () => true, uses: () => true } as const;
const NOBODY: WireAnswer = { status: 503, body: {}, command: "malformed" };
const PING = JSON.stringify({ command: "Ping", data: {} });

export interface Station {
  /** Brings a command there, and its answer back. */
  carry(body: string): Promise<Sent>;
  /** How many commands have come in frames. */
  inFrames(): number;
  close(): Promise<void>;
}

/** One sidecar's server on a free port, over whatever answers its commands at the moment, and core's carrier to it. */
export async function startStation(
  name: CarrierName,
  replica: () => Replica | undefined,
  onBehalf: (serve: ServeCommand) => ServeCommand,
): Promise<Station> {
  const metrics = createMetrics({ version: "test", database: "none" });
  const run: CommandRunner["run"] = async (body, key) => replica()?.commands.run(body, key) ?? NOBODY;
  const serve = onBehalf(createServeCommand({ run }, metrics));
  const keys = { authenticate: async () => ACCEPTED };
  let inFrames = 0;
  const fastPathMetrics = { ...metrics.fastPath, command: () => void inFrames++ };
  const fastPath =
    name === "frames"
      ? createFastPath({ keys, serve, metrics: fastPathMetrics, holds: undefined, connectionAgeMs: 3_600_000 })
      : undefined;
  const app = buildApp({
    serve,
    fastPath,
    tls: undefined,
    keys,
    publicKeys: async () => ({ status: 200, body: { keys: [] } }),
    metrics,
    unreadyReason: async () => undefined,
    metricsAccess: () => false,
    dashboard: undefined,
    drainMs: 0,
    onUnexpected(error) {
      throw error;
    },
  });
  const address = readAddress(await app.listen({ host: "127.0.0.1", port: 0 }));
  const carrier = createCarrier({ address, authorization: "Bearer test", connections: 1, log: () => {} });
  const carry = (body: string) => carrier.send(body, PATIENT_MS);
  // The first go by requests, while the connection for frames is being opened.
  while (name === "frames" && inFrames === 0) await carry(PING);
  inFrames = 0;
  return {
    carry,
    inFrames: () => inFrames,
    async close() {
      await carrier.close();
      await app.close();
    },
  };
}
