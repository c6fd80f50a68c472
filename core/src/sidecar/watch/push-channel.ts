import { MAX_ID_CHARS } from "../../frames/index.ts";
import type { PushListener, SessionPushes } from "./session-pushes.ts";

/** The part of a fast-path connection that reports changes of watched sessions. */
export interface PushingConnection {
  /** Everything that changed until a moment ago was reported. */
  readonly isFresh: boolean;
  /** Sends the ids and a beat; returns the number of the beat. */
  watch(ids: readonly string[]): number;
  unwatch(ids: readonly string[]): void;
  /** The listener is called from now on until the connection ends. */
  attach(listener: ConnectionListener): void;
  /** Nothing is watched over this connection now. */
  rest(): void;
}

export interface ConnectionListener {
  beatAnswered(beat: number): void;
  forgotten(id: string): void;
  allForgotten(): void;
  refused(id: string): void;
  ended(): void;
}

/** All applications share the table of a sidecar. Further sessions are polled. */
const MAX_PUSHED = 10_000;
/** Fits into a frame. */
const IDS_PER_FRAME = 500;

const DEAF: PushListener = { watched() {}, refused() {}, changed() {}, anyChanged() {}, lost() {} };

/**
 * Lets the sidecar report changes of watched sessions, over one connection at a time. A session counts as watched when a
 * beat is answered that was sent after its id: a read after that misses no change.
 */
export function createPushChannel(connect: () => PushingConnection | undefined): SessionPushes {
  const ids = new Set<string>();
  /** Not sent over the connection yet. */
  const unsent = new Set<string>();
  const unsentLeaving = new Set<string>();
  /** Sent, with the beat whose answer confirms it. */
  const awaited = new Map<string, number>();
  let connection: PushingConnection | undefined;
  let isFlushing = false;

  const heard: ConnectionListener = {
    beatAnswered(beat) {
      for (const [id, sentWith] of awaited) {
        if (sentWith > beat) continue;
        awaited.delete(id);
        pushes.listener.watched(id);
      }
    },
    forgotten: (id) => pushes.listener.changed(id),
    allForgotten: () => pushes.listener.anyChanged(),
    refused(id) {
      awaited.delete(id);
      if (ids.delete(id)) pushes.listener.refused(id);
    },
    ended() {
      connection = undefined;
      awaited.clear();
      pushes.listener.lost();
    },
  };

  /** Everything of one turn is sent together. */
  function flushSoon(): void {
    if (isFlushing) return;
    isFlushing = true;
    queueMicrotask(flush);
  }

  function flush(): void {
    isFlushing = false;
    keepOpen();
    if (!connection) return;
    const leaving = [...unsentLeaving];
    unsentLeaving.clear();
    for (const part of parts(leaving)) connection.unwatch(part);
    const wanted = [...unsent];
    unsent.clear();
    for (const part of parts(wanted)) {
      const beat = connection.watch(part);
      for (const id of part) awaited.set(id, beat);
    }
    if (ids.size === 0) connection.rest();
  }

  function keepOpen(): void {
    if (connection || ids.size === 0) return;
    connection = connect();
    if (!connection) return;
    connection.attach(heard);
    unsentLeaving.clear();
    for (const id of ids) unsent.add(id);
    flushSoon();
  }

  const pushes: SessionPushes = {
    get isVouched() {
      return connection?.isFresh === true;
    },
    watch(id) {
      if (ids.size >= MAX_PUSHED || id.length > MAX_ID_CHARS) {
        pushes.listener.refused(id);
        return;
      }
      ids.add(id);
      unsent.add(id);
      unsentLeaving.delete(id);
      flushSoon();
    },
    unwatch(id) {
      if (!ids.delete(id)) return;
      awaited.delete(id);
      if (unsent.delete(id) || !connection) return;
      unsentLeaving.add(id);
      flushSoon();
    },
    keepOpen,
    listener: DEAF,
  };
  return pushes;
}

function parts(ids: readonly string[]): string[][] {
  const count = Math.ceil(ids.length / IDS_PER_FRAME);
  return Array.from({ length: count }, (_, i) => ids.slice(i * IDS_PER_FRAME, (i + 1) * IDS_PER_FRAME));
}
