import { hash } from "node:crypto";

/** The header of the handshake in which each end names what it knows beyond commands and answers. */
export const EXTENSIONS_HEADER = "byo-extensions";

/** What both ends of the fast path must agree on. docs/wire-protocol.md documents it. */
export const FRAMES = {
  /** The token of the `Upgrade` header (RFC 9110, section 7.8). A different framing gets a different token. */
  protocol: "byo-frames",
  /** On the same port as `/run-command`. */
  path: "/fast-path",
  /** The id of frames about the connection itself; commands count from 1. */
  controlId: 0,
  /** Answers may be held, and are taken back: docs/held-answers.md. */
  holds: "holds",
  /** Like `holds`, for an application that holds nothing and only watches sessions. */
  watch: "watch",
  /** The last id of a connection: none is used twice. */
  lastId: 0xffff_ffff,
} as const;

/** ASCII characters of a digest: 96 bits. */
export const DIGEST_CHARS = 16;

/**
 * Identifies a command, including the token in it. The sidecar computes it from the command that it executed, and core
 * compares: an answer to the wrong command would give one user another user's session.
 */
export function commandDigest(command: string | Uint8Array): string {
  return hash("sha256", command, "base64url").slice(0, DIGEST_CHARS);
}
