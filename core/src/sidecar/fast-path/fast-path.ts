import type { CarrierOptions } from "../carrier.ts";
import type { ConnectionHolds } from "../holds/vouched-connection.ts";
import { type Connection, createConnection } from "./connection.ts";
import { openFastPath } from "./handshake.ts";

/** The connections of this process to the sidecar's fast path. */
export interface FastPath {
  /**
   * A connection that accepts commands now. If there is none, one is being opened for later, unless it is too early.
   */
  connection(): Connection | undefined;
  /** Commands of one tick share a connection; the next tick uses the next one. */
  startTick(): void;
  /** Whether the sidecar has ever opened one. */
  readonly isServed: boolean;
  /** Closes all connections, each after its last answer. */
  close(): Promise<void>;
}

interface Slot {
  connection?: Connection;
  isOpening: boolean;
  /** When to try again at the earliest, by the monotonic clock. */
  againAtMs: number;
  pauseMs: number;
}

const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 5_000;
/** If something closes connections as soon as they are open, pause before opening the next one. */
const SHORT_LIFE_MS = 1000;
/** A sidecar without a fast path gets one only by an upgrade, so the next try can wait. */
const ABSENT_PAUSE_MS = 60_000;

export interface FastPathOptions extends CarrierOptions {
  /** Receives what the sidecar says about answers that may be held. Undefined: the sidecar is not asked for any. */
  holds?: ConnectionHolds;
}

/** Opens connections when there are commands; nothing runs in the background, so an idle process may exit. */
export function createFastPath(options: FastPathOptions): FastPath {
  const slots = Array.from(
    { length: options.connections },
    (): Slot => ({ isOpening: false, againAtMs: 0, pauseMs: FIRST_PAUSE_MS }),
  );
  const alive = new Set<Connection>();
  const opening = new Set<Promise<void>>();
  let turn = 0;
  let isServed = false;
  let isClosed = false;

  async function open(slot: Slot): Promise<void> {
    slot.isOpening = true;
    const { holds } = options;
    const handshake = await openFastPath({ ...options, asksForHolds: holds !== undefined });
    slot.isOpening = false;
    if (handshake.kind !== "open") return postpone(slot, handshake.kind === "absent");
    isServed = true;
    const openedAtMs = performance.now();
    const connection = createConnection({
      socket: handshake.socket,
      head: handshake.head,
      holds: handshake.grantsHolds ? holds : undefined,
      onRetired() {
        delete slot.connection;
        if (performance.now() - openedAtMs < SHORT_LIFE_MS) return postpone(slot, false);
        // Open the next one at once if needed: a load balancer may route it to another replica.
        slot.pauseMs = FIRST_PAUSE_MS;
      },
      onViolation: (problem) =>
        options.log(`byo-session: the fast path to ${options.address.name} was closed: ${problem}`),
    });
    alive.add(connection);
    void connection.ended.then(() => alive.delete(connection));
    if (isClosed) connection.retire();
    else slot.connection = connection;
  }

  function postpone(slot: Slot, isAbsent: boolean): void {
    const pauseMs = isAbsent ? ABSENT_PAUSE_MS : slot.pauseMs;
    if (!isAbsent) slot.pauseMs = Math.min(slot.pauseMs * 2, MAX_PAUSE_MS);
    // Randomised, so that the processes of a deployment do not all reconnect at once.
    slot.againAtMs = performance.now() + pauseMs * (0.5 + Math.random() / 2);
  }

  function openWhereDue(slot: Slot): void {
    if (slot.isOpening || isClosed || performance.now() < slot.againAtMs) return;
    const attempt = open(slot).finally(() => opening.delete(attempt));
    opening.add(attempt);
  }

  return {
    connection() {
      for (let i = 0; i < slots.length; i++) {
        const slot = slots[(turn + i) % slots.length];
        if (slot?.connection?.isOpen) return slot.connection;
        if (slot) openWhereDue(slot);
      }
      return undefined;
    },
    startTick() {
      turn++;
    },
    get isServed() {
      return isServed;
    },
    async close() {
      isClosed = true;
      await Promise.all(opening);
      const all = [...alive];
      for (const connection of all) connection.retire();
      await Promise.all(all.map(({ ended }) => ended));
    },
  };
}
