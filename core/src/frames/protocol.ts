import { hash } from "node:crypto";

/** What both ends of the fast path have to agree on. docs/wire-protocol.md describes it for others. */
export const FRAMES = {
  /** The token of the `Upgrade` header (RFC 9110, section 7.8). Another framing gets another one. */
  protocol: "byo-frames",
  /** Beside `/run-command`, on the same port. */
  path: "/fast-path",
  /** Frames of the connection itself have it; commands count from 1. */
  controlId: 0,
  /** The header of the handshake in which each end names what it knows beyond commands and answers. */
  extensionsHeader: "byo-extensions",
  /** Answers may be held, and are taken back: docs/held-answers.md. */
  holds: "holds",
  /** The same for an application that holds nothing: sessions can be watched. */
  watch: "watch",
  /** The last id of a connection: none is used twice. */
  lastId: 0xffff_ffff,
} as const;

/** ASCII characters of a digest: 96 bits. */
export const DIGEST_CHARS = 16;

/**
 * Names a command, the token in it included. The sidecar computes it of what it has carried out and core compares: an
 * answer that got onto the wrong command would hand one user the session of another.
 */
export function commandDigest(command: string | Uint8Array): string {
  return hash("sha256", command, "base64url").slice(0, DIGEST_CHARS);
}
