import { setTimeout as sleep } from "node:timers/promises";
import { behindPgBouncer, onOneServer, onPair, type Place } from "./place.ts";

/** A fault as it is caused again and again in one place. */
export interface Fault {
  what: string;
  start(): Promise<{
    place: Place;
    cause(round: number): Promise<void>;
    /** Puts back what is not part of the recovery. */
    after?(): Promise<void>;
  }>;
}

/** How long what is away stays away. */
const AWAY_MS = 300;
/** Longer than a command may take, so that some are answered with 503. */
const SILENT_MS = 3000;

export const FAULTS: readonly Fault[] = [
  {
    what: "a replica is killed (kill -9), another starts",
    async start() {
      const place = await onOneServer();
      return { place, cause: (round) => replace(place, round, "SIGKILL") };
    },
  },
  {
    what: "a replica is replaced (SIGTERM)",
    async start() {
      const place = await onOneServer();
      return { place, cause: (round) => replace(place, round, "SIGTERM") };
    },
  },
  {
    what: "the connections to Postgres are cut",
    async start() {
      const place = await onOneServer();
      return {
        place,
        async cause() {
          await place.network.cut();
          await sleep(AWAY_MS);
          await place.network.restore();
        },
      };
    },
  },
  {
    what: `the network to Postgres is silent for ${SILENT_MS / 1000} s`,
    async start() {
      const place = await onOneServer();
      return {
        place,
        async cause() {
          place.network.freeze();
          await sleep(SILENT_MS);
          place.network.thaw();
        },
      };
    },
  },
  {
    what: "Postgres crashes and starts again",
    async start() {
      const place = await onOneServer();
      return {
        place,
        async cause() {
          await place.postgres.kill();
          await sleep(AWAY_MS);
          await place.postgres.start();
        },
      };
    },
  },
  {
    what: "PgBouncer is killed and starts again",
    async start() {
      const place = await behindPgBouncer();
      return {
        place,
        async cause() {
          await place.pooler.kill();
          await sleep(AWAY_MS);
          await place.pooler.start();
        },
      };
    },
  },
  {
    what: "the synchronous standby is gone for a second",
    async start() {
      const place = await onPair();
      return {
        place,
        async cause() {
          await place.killStandby();
          await sleep(1000);
          await place.restartStandby();
        },
      };
    },
  },
  {
    what: "the primary is killed, its standby promoted",
    async start() {
      const place = await onPair();
      return { place, cause: () => place.failOver(), after: () => place.rejoin() };
    },
  },
];

async function replace(place: Place, round: number, signal: "SIGKILL" | "SIGTERM"): Promise<void> {
  const at = round % place.replicas.length;
  const gone = place.replicas[at];
  // A rollout starts the new one first; a crash does not wait.
  if (signal === "SIGTERM") {
    place.replicas[at] = await place.startReplica();
    await gone?.kill(signal);
  } else {
    await gone?.kill(signal);
    place.replicas[at] = await place.startReplica();
  }
}
