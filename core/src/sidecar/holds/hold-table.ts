import { hash } from "node:crypto";
import { LRUCache } from "lru-cache";
import type { RefreshedSession } from "../../contract/index.ts";
import type { Hold, HoldCounts, Provenance, Question } from "./held-answers.ts";
import type { Vouching } from "./vouching.ts";

export interface HoldTableOptions {
  maxHolds?: number;
  /** Never goes back, and also passes while the process is frozen. */
  nowMs: () => number;
}

interface Kept extends Hold {
  readonly vouching: Vouching;
  readonly untilMs: number;
  readonly ipAddress: string | undefined;
  readonly userAgent: string | undefined;
  /** Where it was the evidence; else any will do. */
  readonly deviceCookie: string | undefined;
  readonly ignoresDevice: boolean;
  readonly key: string;
}

const MAX_HOLDS = 10_000;
const MAX_BYTES = 64 * 2 ** 20;
/** What is kept of an answer beside its own text, and how much larger that is as an object. */
const OWN_BYTES = 1000;
const BYTES_OF_TEXT = 4;

/** The answers that this process holds: what docs/held-answers.md calls serving, and everything that takes one back. */
export class HoldTable {
  readonly #nowMs: () => number;
  readonly #kept: LRUCache<string, Kept>;
  /** A session has one current token, and so one hold. */
  readonly #bySession = new Map<string, Kept>();
  readonly #byUser = new Map<string, Set<Kept>>();
  readonly #counts = { granted: 0, served: 0, forgotten: 0, unvouched: 0 };
  /** How often this process asked for a change: an answer that was asked for before is not to be held after. */
  #changes = 0;

  constructor({ maxHolds = MAX_HOLDS, nowMs }: HoldTableOptions) {
    this.#nowMs = nowMs;
    this.#kept = new LRUCache({ max: maxHolds, maxSize: MAX_BYTES, dispose: (kept) => this.#unlink(kept) });
  }

  /** The answer to an equal request, where it may still be served. */
  find(token: string, question: Omit<Question, "sessionToken">): Hold | undefined {
    if (this.#kept.size === 0) return undefined;
    const kept = this.#kept.get(keyOf(token));
    if (!kept || !isSame(kept, question)) return undefined;
    const nowMs = this.#nowMs();
    if (nowMs >= kept.untilMs) return undefined;
    if (nowMs >= kept.vouching.untilMs) {
      this.#counts.unvouched++;
      return undefined;
    }
    this.#counts.served++;
    return kept;
  }

  /** To be passed to `keep` with the answer of a validation that is sent now. */
  get asking(): { readonly atMs: number; readonly changes: number } {
    return { atMs: this.#nowMs(), changes: this.#changes };
  }

  /** Takes the answer of a validation: it is held where the sidecar says so, and in any case what was held goes. */
  keep(question: Question, answer: RefreshedSession, asked: HoldTable["asking"], from: Provenance | undefined): void {
    const { sessionToken = "", ipAddress, userAgent, ignoreDeviceForVerification = false } = question;
    const key = keyOf(sessionToken);
    const holdMs = Number(answer.holdMs ?? 0);
    const isTakenBack = !from || from.vouching.hasEnded || from.forgets !== from.vouching.forgets;
    if (!(holdMs > 0) || isTakenBack || asked.changes !== this.#changes) {
      this.#kept.delete(key);
      return;
    }
    const kept: Kept = {
      answer,
      session: undefined,
      isCounted: false,
      vouching: from.vouching,
      // From the sending: the sidecar has counted from later.
      untilMs: asked.atMs + holdMs,
      ipAddress,
      userAgent,
      deviceCookie: answer.deviceEvidence === "recent" ? question.deviceCookie : undefined,
      ignoresDevice: ignoreDeviceForVerification,
      key,
    };
    const before = this.#bySession.get(answer.sessionId);
    if (before && before.key !== key) this.#kept.delete(before.key);
    this.#kept.set(key, kept, { size: OWN_BYTES + BYTES_OF_TEXT * from.bytes });
    if (this.#kept.peek(key) !== kept) return;
    this.#link(kept);
    this.#counts.granted++;
    kept.vouching.need(kept.untilMs);
  }

  /** Takes back what is held of a token whose validation was refused. */
  refused({ sessionToken = "" }: Question): void {
    this.#kept.delete(keyOf(sessionToken));
  }

  forgetSession(sessionId: string): void {
    this.#forget(this.#bySession.get(sessionId));
  }

  forgetToken(token: string): void {
    this.#forget(this.#kept.peek(keyOf(token)));
  }

  forgetUser(userId: string): void {
    for (const kept of [...(this.#byUser.get(userId) ?? [])]) this.#forget(kept);
  }

  forgetAll(): void {
    for (const kept of [...this.#bySession.values()]) this.#forget(kept);
  }

  /** A connection has ended, or taken back everything that it granted. */
  forgetOf(vouching: Vouching): void {
    for (const kept of [...this.#bySession.values()]) if (kept.vouching === vouching) this.#forget(kept);
  }

  /** Something is about to change, or has been changed, by this process: answers that are under way are not held. */
  noteChange(): void {
    this.#changes++;
  }

  get counts(): HoldCounts {
    return { ...this.#counts, held: this.#kept.size };
  }

  #forget(kept: Kept | undefined): void {
    if (!kept) return;
    this.#kept.delete(kept.key);
    this.#counts.forgotten++;
  }

  #link(kept: Kept): void {
    const { sessionId, userId } = kept.answer;
    this.#bySession.set(sessionId, kept);
    const ofUser = this.#byUser.get(userId);
    if (ofUser) ofUser.add(kept);
    else this.#byUser.set(userId, new Set([kept]));
  }

  #unlink(kept: Kept): void {
    const { sessionId, userId } = kept.answer;
    if (this.#bySession.get(sessionId) === kept) this.#bySession.delete(sessionId);
    const ofUser = this.#byUser.get(userId);
    ofUser?.delete(kept);
    if (ofUser?.size === 0) this.#byUser.delete(userId);
  }
}

/** Not the token itself: a dump of this process's memory must not hold what it has long since answered. */
function keyOf(token: string): string {
  return hash("sha256", token, "binary");
}

/**
 * Of two equal requests, one that counts as activity is not answered by what was said to one that does not: the session
 * would become inactive while it is used.
 */
function isSame(kept: Kept, question: Omit<Question, "sessionToken">): boolean {
  return (
    (question.activity !== undefined || kept.answer.countedAsActivity !== false) &&
    kept.ipAddress === question.ipAddress &&
    kept.userAgent === question.userAgent &&
    kept.ignoresDevice === (question.ignoreDeviceForVerification ?? false) &&
    (kept.deviceCookie === undefined || kept.deviceCookie === question.deviceCookie)
  );
}
