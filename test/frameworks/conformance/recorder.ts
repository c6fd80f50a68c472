import type { BrowserAnswer } from "../../harness/browser-client.ts";

/** Collects what a case was answered, in words that are the same at every run and for every host. */
export interface Recorder {
  readonly lines: string[];
  record(method: string, path: string, answer: BrowserAnswer): void;
}

export function createRecorder(): Recorder {
  const lines: string[] = [];
  return {
    lines,
    record(method, path, answer) {
      const line = `${method} ${withoutIds(path)}: ${answer.status} ${describe(answer)}`.trimEnd();
      // A case that waits for something asks again until it is there.
      if (lines.at(-1) !== line) lines.push(line);
    },
  };
}

function describe(answer: BrowserAnswer): string {
  const { "cache-control": caching, location } = answer.headers;
  const told = [
    location === undefined ? bodyOf(answer) : `to ${withoutIds(String(location))}`,
    // Next sends a proxy's cookies before a route's: what counts is the order of the app's own.
    [...answer.setCookies.filter((line) => !isOurs(line)), ...answer.setCookies.filter(isOurs)]
      .map(describeCookie)
      .join(", "),
    caching === "private, no-store" ? "no-store" : "",
    answer.headers["session-token"] === undefined ? "" : "Session-Token",
    answer.headers["retry-after"] === undefined ? "" : `Retry-After ${answer.headers["retry-after"]}`,
  ];
  return told.filter(Boolean).join("; ");
}

/** An error page is the framework's own, unless it says its reason in our form. */
function bodyOf({ status, text }: BrowserAnswer): string {
  const value = parse(text);
  const hasReason = typeof value === "object" && value !== null && "reason" in value;
  if (status === 500 && !hasReason) return "the framework's own page";
  return value === undefined ? text.slice(0, 60) : JSON.stringify(withoutVolatile(value));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isOurs(setCookie: string): boolean {
  return /^(__Host-sessionToken(-stateless|-impersonation)?|__Host-byo-device|sid)=/.test(setCookie);
}

/** The attributes that a framework gives to the app's own cookies are its own matter. */
function describeCookie(line: string): string {
  const [pair = "", ...attributes] = line.split("; ");
  if (!isOurs(line)) return pair;
  const [name, value] = pair.split("=");
  const kept = attributes.map((attribute) => attribute.replace(/^Max-Age=[1-9]\d*$/, "Max-Age=…"));
  return [`${name}=${value === "" ? "" : "…"}`, ...kept].join(" ");
}

const VOLATILE = new Set([
  "sessionId",
  "createdAt",
  "expiresAt",
  "idleExpiresAt",
  "now",
  "authenticatedAt",
  "lastActivityAt",
  "deviceChallenge",
  "ticket",
  "ip",
  "ipAddress",
]);

function withoutVolatile(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutVolatile);
  if (typeof value === "string") return value.replace(/^user-\d+$/, "user");
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, VOLATILE.has(key) ? "…" : withoutVolatile(inner)]));
}

function withoutIds(path: string): string {
  return path.replace(/[\w-]{20,}/g, "…");
}
