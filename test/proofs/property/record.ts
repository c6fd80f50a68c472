import { createHash } from "node:crypto";
import type { Database } from "../../../sidecar/src/engine/db/database.ts";
import { endWord } from "./facts.ts";
import { type Ending, generationOf, type History, type Presentation } from "./history.ts";
import { RECORD, tokensOf, type Violation } from "./promises.ts";

/** What the database says about the session at the end. */
interface StoredSession {
  gen: number;
  curHash: Buffer;
  nextHash: Buffer | null;
  endReason: string | null;
  confirmations: number;
  ends: { reason: string; count: number }[] | null;
}

const READ = {
  name: "property-record",
  text: `SELECT gen, cur_hash AS "curHash", next_hash AS "nextHash", end_reason AS "endReason",
      (SELECT count(*)::int FROM byo.audit_events e WHERE e.session_id = s.id AND event = 'RotationConfirmed') AS confirmations,
      (SELECT json_agg(json_build_object('reason', reason, 'count', count)) FROM byo.audit_events e
       WHERE e.session_id = s.id AND event = 'SessionEnded') AS ends
    FROM byo.sessions s WHERE id = $1`,
};

export async function readRecord(db: Database, history: History): Promise<StoredSession> {
  const [stored] = await db.query<StoredSession>(READ, [history.session.id]);
  if (!stored) throw new Error("the session's row is gone");
  return stored;
}

/** Where the database disagrees with what was answered. */
export function recordViolations(history: History, stored: StoredSession): Violation[] {
  const tokens = tokensOf(history);
  const isHashOf = (hash: Buffer, gen: number) => {
    const given = [...(tokens.get(gen) ?? [])];
    // A successor whose answers were all broken off was never given; nobody can hold it.
    return (
      given.length === 0 || given.some((token) => createHash("sha256").update(secretOf(token)).digest().equals(hash))
    );
  };
  // After a loss the trail has more than the row, and the row may only know a generation.
  const isWhole = history.losses.length === 0;
  const answeredEnd = history.presentations.map(endWord).find((word) => word !== undefined);
  const newest = Math.max(...tokens.keys());
  const problems = [
    (!isWhole && stored.curHash.length === 0) ||
      isHashOf(stored.curHash, stored.gen) ||
      "the current hash is of no token that was given",
    stored.nextHash === null || isHashOf(stored.nextHash, stored.gen + 1) || "the pending hash is of no given token",
    !isWhole || newest <= stored.gen + 1 || `a token of generation ${newest} was given, the row has ${stored.gen}`,
    !isWhole ||
      stored.confirmations === stored.gen - 1 ||
      `${stored.confirmations} confirmations for generation ${stored.gen}`,
    answeredEnd === undefined || answeredEnd === stored.endReason || `${answeredEnd}, the row has ${stored.endReason}`,
    !isWhole ||
      (stored.endReason === null ? 0 : 1) === (stored.ends ?? []).length ||
      "the audit trail has another number of ends",
    !isWhole ||
      (stored.ends ?? []).every(({ reason, count }) => reason === stored.endReason && count === 1) ||
      "the audit trail has another reason",
  ];
  return problems.flatMap((what) => (typeof what === "string" ? { promise: RECORD, what } : []));
}

function secretOf(token: string): Buffer {
  return Buffer.from(token.split(".")[3] ?? "", "base64url");
}

/** A history for a person: what was sent and answered, in order. */
export function describeHistory({ session, presentations, endings, losses }: History): string {
  const start = session.createdAtSecs;
  const describe = (event: Presentation | Ending): string => {
    if ("kind" in event) return `${event.kind}: ${event.status}`;
    const { status, word = "", newSessionToken } = event.answer ?? {};
    const given = newSessionToken === undefined ? "" : `, given ${generationOf(newSessionToken)}`;
    return `${event.by} presents ${generationOf(event.token)} to ${event.command}: ${status} ${word}${given}`;
  };
  const lines = [...presentations, ...endings].map((event) => {
    const { sent, answered = sent, broken } = event;
    const times = `${sent.order}-${answered.order} (${sent.atSecs - start} s to ${answered.atSecs - start} s)`;
    return { order: sent.order, line: `${times} ${describe(event)}${broken ? " [connection broken]" : ""}` };
  });
  const lost = losses.map(({ order, atSecs, gen, recovered }) => ({
    order,
    line: `${order} (${atSecs - start} s) the database is put back to generation ${gen}${recovered ? ", and recovered" : ""}`,
  }));
  return [...lines, ...lost]
    .sort((a, b) => a.order - b.order)
    .map(({ line }) => line)
    .join("\n");
}
