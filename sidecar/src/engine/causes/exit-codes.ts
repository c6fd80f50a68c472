/** How a program that cannot start exits, by the kind of cause: the codes of sysexits.h, which supervisors know. */
export const EXIT = {
  /** Something is out of reach, and may come back by itself. */
  unreachable: 69,
  /** A bug: there is a stack. */
  unexpected: 70,
  /** A file or a folder cannot be used. */
  files: 74,
  /** Something is in use by another process, or used up. */
  busy: 75,
  /** TLS failed: nobody knows who is at the other end. */
  tls: 76,
  /** A right is missing. */
  denied: 77,
  /** A setting is wrong. */
  setting: 78,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
