import { createHash, timingSafeEqual } from "node:crypto";

/** Who may read the metrics on a port. */
export type MetricsAccess =
  | { kind: "open" }
  | { kind: "closed" }
  | { kind: "token"; matches: (token: string) => boolean };

/** A token where one is set; else open to this machine alone. */
export function metricsAccess(metricsToken: string | undefined, onLoopback: boolean): MetricsAccess {
  if (metricsToken === undefined) return { kind: onLoopback ? "open" : "closed" };
  const expected = digest(metricsToken);
  return { kind: "token", matches: (token) => timingSafeEqual(digest(token), expected) };
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
