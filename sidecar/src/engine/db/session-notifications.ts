import { randomUUID } from "node:crypto";
import type { Database, Listener } from "./database.ts";

/** Tells which sessions change in the database, whoever changes them. */
export interface SessionNotifications {
  /**
   * The database's time, in milliseconds and never earlier than it is there. Undefined while a change may have been made
   * that has not been told here: only what is known of a moment at most half a second ago counts.
   */
  now(): number | undefined;
  close(): Promise<void>;
}

export interface SessionNotificationsOptions {
  db: Pick<Database, "listen">;
  onChanged: (sessionId: string) => void;
  /** Changes were made, or may have been, that are not told one by one. */
  onMissed: () => void;
  /** The connection is gone, or could not be made; it is tried again. */
  onError: (error: unknown) => void;
  /** Milliseconds of a clock that only goes forward. */
  monotonicMs: () => number;
}

const SESSIONS = "byo_sessions";
const ALL_SESSIONS = "*";
const COUNTS_FOR_MS = 500;
/** Three beats within the time that one counts, so that a busy process may be late with one. */
const BEAT_MS = 150;
const RETRY_MS = 1000;

const IS_TOLD = {
  name: "sessions-are-told",
  text: `SELECT tgenabled <> 'D' AS told FROM pg_trigger
         WHERE tgrelid = 'byo.sessions'::regclass AND tgname = 'session_changed'`,
};
const TELL = { name: "sessions-tell", text: "ALTER TABLE byo.sessions ENABLE TRIGGER session_changed" };
// The whole beat is in what is told, so that it comes after everything that was told before it.
const BEAT = {
  name: "sessions-beat",
  text: `SELECT pg_notify($1, json_build_object('beat', $2::integer, 'now', date_part('epoch', byo.now()) * 1000, 'told',
           (SELECT tgenabled <> 'D' FROM pg_trigger
            WHERE tgrelid = 'byo.sessions'::regclass AND tgname = 'session_changed'))::text)`,
};

/**
 * Listens to changes of sessions on a connection of its own. A connection can be silent and dead, so it proves itself: it
 * tells itself something all the time, which comes after everything that was told before. When that is missing for half a
 * second, nothing counts that was known before.
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
    // Somebody has switched the notifications off: the next connection switches them on again.
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
    // Once for each time that it fails, not for each try.
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
    // A number of its own for each, so that a late one is not taken for the last.
    sent = { beat: sent.beat + 1, atMs: monotonicMs() };
    await connected.query(BEAT, [ownChannel, sent.beat]);
    if (closed || listener !== connected) return;
    timer = setTimeout(() => void beatOn(connected).catch(lose), BEAT_MS).unref();
  }

  connect();
  return {
    now() {
      if (!heard) return undefined;
      // From when it was sent, not heard: what was told in between may be behind it.
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
