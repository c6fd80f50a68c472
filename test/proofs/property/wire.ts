import { setImmediate } from "node:timers/promises";
import type { ServeCommand } from "../../../sidecar/src/engine/commands/serve-command.ts";
import type { Port } from "./port.ts";
import { type Replica, type RequestContext, requestContext } from "./replica.ts";
import { type CarrierName, startStation } from "./station.ts";

/** Two sidecars as they listen, for the replicas of one history after the other. */
export interface Wire {
  portTo(replicas: readonly Replica[]): Port;
  /** How many commands have come in frames. */
  inFrames(): number;
  close(): Promise<void>;
}

/** A command that is somewhere between its sender and its sender's answer. */
interface Travelling {
  context: RequestContext;
  arrived: () => void;
  /** Called when the answer is there. */
  returned?: () => void;
}

/** Starts both on free ports, and connects core's carrier to each. */
export async function startWire(name: CarrierName): Promise<Wire> {
  const travelling = new Map<string, Travelling>();
  /** On the wire, in either direction. */
  const legs = new Set<Promise<void>>();
  let replicas: readonly Replica[] = [];
  let sent = 0;

  function beginLeg(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    legs.add(promise);
    return () => {
      legs.delete(promise);
      resolve();
    };
  }

  /** Runs a command on behalf of the request that it belongs to, which it names beside what sidecars read. */
  function onBehalf(serve: ServeCommand): ServeCommand {
    return async (body, key) => {
      const { request = "" }: { request?: string } = JSON.parse(body.toString());
      const of = travelling.get(request);
      if (!of) return serve(body, key);
      of.arrived();
      const answer = await requestContext.run(of.context, () => serve(body, key));
      of.returned = beginLeg();
      return answer;
    };
  }

  const stations = await Promise.all([0, 1].map((index) => startStation(name, () => replicas[index], onBehalf)));
  return {
    portTo(wanted) {
      replicas = wanted;
      return {
        async send(index, command, context) {
          const station = stations[index % stations.length];
          if (!station) throw new Error("no sidecar");
          const request = String(++sent);
          if (context) travelling.set(request, { context, arrived: beginLeg() });
          try {
            return await station.carry(JSON.stringify({ ...command, request }));
          } finally {
            const travelled = travelling.get(request);
            travelling.delete(request);
            travelled?.arrived();
            travelled?.returned?.();
          }
        },
        async quiet() {
          while (legs.size > 0) await Promise.race(legs);
          // What has just arrived comes to its first statement. Twice, for reads that are gathered.
          await setImmediate();
          await setImmediate();
        },
      };
    },
    inFrames: () => stations.reduce((sum, station) => sum + station.inFrames(), 0),
    async close() {
      for (const { close } of stations) await close();
    },
  };
}
