import { UnusableFrame } from "./frame-reader.ts";

/** What a frame of the connection itself says; the number is sent instead of an answer's status. */
export const NOTICES = {
  /** `{"reason": …}`: the sidecar is about to end the connection. */
  goodbye: 0,
  /** `"<session id>"`, or `"*"` for all: what is held of it counts no more, and what is watched has changed. */
  forget: 1,
  /** The number of a beat: everything that the sidecar had heard of by then has been said. */
  beat: 2,
  /** `"<session id>"`: it is not watched, since too many are already, or the integration key may not ask about sessions. */
  unwatched: 3,
} as const;

export type Notice = keyof typeof NOTICES;

/** Everything at once. */
export const ALL_SESSIONS = "*";

/** What the application asks of the connection itself, in a frame with the id 0. Unknown members are ignored. */
export interface ConnectionRequest {
  /** Asks whether all that is held and watched over this connection is good as of now. The answer has the same number. */
  beat?: number;
  /** Ids of sessions whose changes are told, whether anything is held of them or not, until they are unwatched. */
  watch?: string[];
  unwatch?: string[];
}

/** Undefined for anything but such a request: the connection then has to end. */
export function readConnectionRequest(payload: Uint8Array): ConnectionRequest | undefined {
  const request = parse(Buffer.from(payload).toString());
  if (typeof request !== "object" || request === null) return undefined;
  const { beat, watch = [], unwatch = [] } = request as { [Name in keyof ConnectionRequest]?: unknown };
  if (!isTexts(watch) || !isTexts(unwatch)) return undefined;
  if (beat !== undefined && !Number.isSafeInteger(beat)) return undefined;
  return { ...(beat !== undefined && { beat: Number(beat) }), watch, unwatch };
}

/** What a notice says. @throws UnusableFrame */
export function readNotice(json: string): unknown {
  const content = parse(json);
  if (content === undefined) throw new UnusableFrame("expected JSON in a notice");
  return content;
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** Longer than the id of any session, so that nobody fills a table with long texts. */
export const MAX_ID_CHARS = 64;

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((text) => typeof text === "string" && text.length <= MAX_ID_CHARS);
}
