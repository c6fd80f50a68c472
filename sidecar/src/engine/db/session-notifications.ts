import { randomUUID } from "node:crypto";
import type { Database, Listener } from "./database.ts";

/** Reports changes of sessions in the database, by any process. */
export interface SessionNotifications {
  /**
   * The database's time in milliseconds, never behind the true one. Undefined while a change may not have been reported
   * yet: the connection must have proved itself within the last half second.
   */
  now(): number | undefined;
  close(): Promise<void>;
}

export interface SessionNotificationsOptions {
  db: Pick<Database, "listen">;
  onChanged: (sessionId: string) => void;
  /** Changes may have been missed, so everything must be forgotten. */
  onMissed: () => void;
  /** The connection was lost or could not be opened; it is tried again. */
  onError: (error: unknown) => void;
  /** A monotonic clock in milliseconds. */
  monotonicMs: () => number;
}

const SESSIONS = "byo_sessions";
const ALL_SESSIONS = "*";
const COUNTS_FOR_MS = 500;
/** Three beats in the time that one beat counts, so that a busy process may miss one. */
const BEAT_MS = 150;
const RETRY_MS = 1000;

const IS_TOLD = {
  name: "sessions-are-told",
  text: `SELECT tgenabled <> 'D' AS told FROM pg_trigger
         WHERE tgrelid = 'byo.sessions'::regclass AND tgname = 'session_changed'`,
};
const TELL = { name: "sessions-tell", text: "ALTER TABLE byo.sessions ENABLE TRIGGER session_changed" };
// The beat is a notification itself, so it arrives after all earlier ones.
const BEAT = {
  name: "sessions-beat",
  text: `SELECT pg_notify($1, json_build_object('beat', $2::integer, 'now', date_part('epoch', byo.now()) * 1000, 'told',
           (SELECT tgenabled <> 'D' FROM pg_trigger
            WHERE tgrelid = 'byo.sessions'::regclass AND tgname = 'session_changed'))::text)`,
};

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
  monotonicMs,
}: SessionNotificationsOptions): SessionNotifications {
  const ownChannel = `byo_beat_${randomUUID().replaceAll("-", "_")}`;
  let listener: Listener | undefined;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let connecting = Promise.resolve();
  let isFailing = false;
  let sent: { beat: number; atMs: number } = { beat: 0, atMs: 0 };
  let heard: { sentAtMs: number; now: number } | undefined;

  function onTold(channel: string, payload: string): void {
    if (channel !== SESSIONS) hearBeat(payload);
    else if (payload === ALL_SESSIONS) onMissed();
    else onChanged(payload);
  }

  function hearBeat(payload: string): void {
    const { beat, now, told }: { beat: number; now: number; told: boolean } = JSON.parse(payload);
    // The trigger was disabled: the next connection enables it again.
    if (!told) lose(new Error("the trigger session_changed on byo.sessions is disabled"));
    else if (beat === sent.beat) heard = { sentAtMs: sent.atMs, now };
  }

  function lose(error: unknown): void {
    heard = undefined;
    onMissed();
    listener?.close().catch(() => {});
    listener = undefined;
    clearTimeout(timer);
    if (closed) return;
    // Reported once per outage, not once per try.
    if (!isFailing) onError(error);
    isFailing = true;
    timer = setTimeout(connect, RETRY_MS).unref();
  }

  function connect(): void {
    connecting = startListening().catch(lose);
  }

  async function startListening(): Promise<void> {
    const connected = await db.listen([SESSIONS, ownChannel], { onTold, onLost: lose });
    listener = connected;
    const [trigger] = await connected.query<{ told: boolean }>(IS_TOLD);
    if (!trigger?.told) await connected.query(TELL);
    await beatOn(connected);
    isFailing = false;
  }

  async function beatOn(connected: Listener): Promise<void> {
    // Each beat has its own number, so that a late one is not mistaken for the latest.
    sent = { beat: sent.beat + 1, atMs: monotonicMs() };
    await connected.query(BEAT, [ownChannel, sent.beat]);
    if (closed || listener !== connected) return;
    timer = setTimeout(() => void beatOn(connected).catch(lose), BEAT_MS).unref();
  }

  connect();
  return {
    now() {
      if (!heard) return undefined;
      // Counts from when it was sent: notifications sent after that may still be on their way.
      const ageMs = monotonicMs() - heard.sentAtMs;
      return ageMs < COUNTS_FOR_MS ? heard.now + ageMs : undefined;
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      await connecting;
      heard = undefined;
      await listener?.close();
    },
  };
}
