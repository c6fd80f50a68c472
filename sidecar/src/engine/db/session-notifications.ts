import { randomUUID } from "node:crypto";
import type { Database, Listener } from "./database.ts";

/** Reports changes of sessions in the database, by any process. */
export interface SessionNotifications {
  /**
   * The database's time in milliseconds, never behind the true one. Undefined while a change may not have been reported
   * yet: the connection must have proved itself within the last half second.
   */
  now(): number | undefined;
  /** How long ago the connection last proved itself, or since this began. */
  ageMs(): number;
  close(): Promise<void>;
}

export interface SessionNotificationsOptions {
  db: Pick<Database, "listen">;
  onChanged: (sessionId: string) => void;
  /** Changes may have been missed, so everything must be forgotten. */
  onMissed: () => void;
  /** The connection was lost, could not be opened or brings nothing; said once until it is back. It is tried again. */
  onError: (error: unknown) => void;
  /** The database's clock was set, by so many milliseconds; below zero: back. Also after a failover to another clock. */
  onClockSet?: (byMs: number) => void;
  /** In milliseconds; it never goes back, and it also passes while this process is frozen. */
  elapsedMs: () => number;
  /** Runs the callback once, unless the returned function is called before. Default: a timer. */
  later?: (ms: number, callback: () => void) => () => void;
}

const SESSIONS = "byo_sessions";
const ALL_SESSIONS = "*";
const COUNTS_FOR_MS = 500;
/** Three beats in the time that one beat counts, so that a busy process may miss one. */
const BEAT_MS = 150;
const RETRY_MS = 1000;
/** A smaller difference may be a slow answer, or a clock that is being corrected without jumps. */
const CLOCK_SET_MS = 5000;
/** Much longer than a busy moment: then something in between lets nothing through. */
const SILENT_AFTER_MS = 2000;

// Always, and not only enabled: then it also fires for a restore and for a subscription of logical replication.
const TOLD = `(SELECT tgenabled = 'A' FROM pg_trigger
               WHERE tgrelid = 'byo.sessions'::regclass AND tgname = 'session_changed')`;
export const IS_TOLD = { name: "sessions-are-told", text: `SELECT ${TOLD} AS told` };
export const TELL = { name: "sessions-tell", text: "ALTER TABLE byo.sessions ENABLE ALWAYS TRIGGER session_changed" };
// The beat is a notification itself, so it arrives after all earlier ones.
const BEAT = {
  name: "sessions-beat",
  text: `SELECT pg_notify($1, json_build_object('beat', $2::integer, 'now', date_part('epoch', byo.now()) * 1000,
           'table', 'byo.sessions'::regclass::oid::text, 'told', ${TOLD})::text)`,
};

interface Beat {
  beat: number;
  now: number;
  told: boolean;
  /** Which table is byo.sessions: its number in the catalogue. */
  table: string;
}

class NothingComesBack extends Error {
  override readonly name = "NothingComesBack";

  constructor() {
    super(
      "notifications are sent but do not come back: something in between drops them. Set DATABASE_DIRECT_URL " +
        "to Postgres itself, or set SESSION_CACHE=off",
    );
  }
}

/**
 * Listens to changes of sessions on a connection of its own. A silent connection may be dead, so it proves itself: it
 * notifies itself all the time, and these beats arrive after all earlier notifications. If none arrives for half a
 * second, everything known before no longer counts.
 */
export function createSessionNotifications({
  db,
  onChanged,
  onMissed,
  onError,
  onClockSet = () => {},
  elapsedMs,
  later = afterSomeTime,
}: SessionNotificationsOptions): SessionNotifications {
  const ownChannel = `byo_beat_${randomUUID().replaceAll("-", "_")}`;
  let listener: Listener | undefined;
  let current: object | undefined;
  let cancel = () => {};
  let closed = false;
  let connecting = Promise.resolve();
  let isFailing = false;
  let sent: { beat: number; atMs: number } = { beat: 0, atMs: 0 };
  let heard: { sentAtMs: number; now: number } | undefined;
  let clock: { atMs: number; now: number } | undefined;
  let connectedAtMs = 0;
  let heardTable: string | undefined;
  let provenAtMs = elapsedMs();

  function onTold(channel: string, payload: string): void {
    if (channel !== SESSIONS) hearBeat(payload);
    else if (payload === ALL_SESSIONS) onMissed();
    else onChanged(payload);
  }

  function hearBeat(payload: string): void {
    const { beat, now, told, table }: Beat = JSON.parse(payload);
    // A restore has put another table there, and told nobody.
    const isReplaced = heardTable !== undefined && table !== heardTable;
    heardTable = table;
    // The next connection enables it again.
    if (!told)
      lose(new Error("the trigger session_changed on byo.sessions is not enabled for every session of Postgres"));
    else if (isReplaced) lose(new Error("the table byo.sessions was replaced, as by a restore"));
    else if (beat === sent.beat) {
      followClock(now);
      heard = { sentAtMs: sent.atMs, now };
      provenAtMs = sent.atMs;
      isFailing = false;
    }
  }

  /** What is remembered may have been decided by a time that no longer holds. */
  function followClock(now: number): void {
    const byMs = clock ? now - clock.now - (sent.atMs - clock.atMs) : 0;
    clock = { atMs: sent.atMs, now };
    if (Math.abs(byMs) < CLOCK_SET_MS) return;
    onMissed();
    onClockSet(byMs);
  }

  /** Once per outage, not once per try. */
  function report(error: unknown): void {
    if (!isFailing) onError(error);
    isFailing = true;
  }

  function lose(error: unknown): void {
    heard = undefined;
    current = undefined;
    onMissed();
    listener?.close().catch(() => {});
    listener = undefined;
    cancel();
    if (closed) return;
    report(error);
    cancel = later(RETRY_MS, connect);
  }

  function connect(): void {
    connecting = startListening().catch(lose);
  }

  async function startListening(): Promise<void> {
    // What comes by an earlier connection after all says nothing of what this one has heard.
    const turn = {};
    current = turn;
    const connected = await db.listen([SESSIONS, ownChannel], {
      onTold: (channel, payload) => current === turn && onTold(channel, payload),
      onLost: (error) => current === turn && lose(error),
    });
    listener = connected;
    const [trigger] = await connected.query<{ told: boolean }>(IS_TOLD);
    if (!trigger?.told) await connected.query(TELL);
    connectedAtMs = elapsedMs();
    // Changes since the loss were not heard: applications that watch sessions must ask.
    if (isFailing) onMissed();
    await beatOn(connected);
  }

  async function beatOn(connected: Listener): Promise<void> {
    const heardAtMs = Math.max(connectedAtMs, heard?.sentAtMs ?? 0);
    if (elapsedMs() - heardAtMs > SILENT_AFTER_MS) report(new NothingComesBack());
    // Each beat has its own number, so that a late one is not mistaken for the latest.
    sent = { beat: sent.beat + 1, atMs: elapsedMs() };
    await connected.query(BEAT, [ownChannel, sent.beat]);
    if (closed || listener !== connected) return;
    cancel = later(BEAT_MS, () => void beatOn(connected).catch(lose));
  }

  connect();
  return {
    now() {
      if (!heard) return undefined;
      // Counts from when it was sent: notifications sent after that may still be on their way.
      const ageMs = elapsedMs() - heard.sentAtMs;
      return ageMs < COUNTS_FOR_MS ? heard.now + ageMs : undefined;
    },
    ageMs: () => elapsedMs() - provenAtMs,
    async close() {
      closed = true;
      cancel();
      await connecting;
      heard = undefined;
      await listener?.close();
    },
  };
}

function afterSomeTime(ms: number, callback: () => void): () => void {
  const timer = setTimeout(callback, ms).unref();
  return () => clearTimeout(timer);
}
