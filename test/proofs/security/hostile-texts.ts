import type { CallName } from "../../../sidecar/src/dashboard/calls.ts";

/** As much text as a call accepts. */
const MAX_CHARS = 200_000;

/** Repeats `part` as often as it fits between the two ends. */
function filled(before: string, part: (at: number) => string, after: string): string {
  const parts: string[] = [];
  let length = before.length + after.length;
  for (let at = 0; ; at++) {
    const next = part(at);
    length += next.length;
    if (length > MAX_CHARS) return before + parts.join("") + after;
    parts.push(next);
  }
}

const ip = (at: number) => `10.${(at >> 16) & 255}.${(at >> 8) & 255}.${at & 255}`;
const list = (from: number, count: number, prefix = "") =>
  Array.from({ length: count }, (_, at) => `"${ip((from + at) * 2)}${prefix}"`).join(",");
const tags = (settings: (at: number) => string, more = "") =>
  filled(`{${more}"tags":[{"tag":"a:b"}`, (at) => `,{"tag":"t:${at}",${settings(at)}}`, "]}");

/** Policies that cost the most to read, to compare or to describe, each in its own way. */
export const HOSTILE_POLICIES: Readonly<Record<string, string>> = {
  "tags with one number each": tags((at) => `"absolute_lifetime_secs":${60 + at}`),
  "tags with limits and ways to keep them": tags(
    (at) =>
      `"max_concurrent_sessions_per_user_per_tag":3,"on_session_limit_exceeded":"${at % 2 ? "drop_newest" : "reject_new"}"`,
  ),
  "as many limits as ways": tags((at) =>
    at % 2 ? '"max_concurrent_sessions_per_user_per_tag":3' : '"on_session_limit_exceeded":"reject_new"',
  ),
  "150 tags with 80 networks each": tags((at) =>
    at < 150 ? `"ip_allowlist":[${list(at * 40, 80)}]` : '"require_device":"any"',
  ),
  "ten tags with 1000 networks each": tags((at) =>
    at < 10 ? `"ip_${at % 2 ? "block" : "allow"}list":[${list(at * 400, 1000)}]` : '"require_device":"any"',
  ),
  "every list the same": tags((at) => (at < 9 ? `"ip_allowlist":[${list(0, 1000, "/31")}]` : '"require_device":"any"')),
  "priorities of every type": filled(
    `{"tags":[${Array.from({ length: 2000 }, (_, at) => `{"tag":"t${at}:x","inactivity_timeout_secs":${900 - (at % 600)}}`).join(",")}],"tag_priority":["t0"`,
    (at) => `,"t${2000 - at}"`,
    "]}",
  ),
  "the same tag again and again": filled('{"tags":[{"tag":"a:b"}', () => ',{"tag":"a:b"}', "]}"),
  "lists in lists": "[".repeat(MAX_CHARS),
  "objects in objects": '{"a":'.repeat(MAX_CHARS / 5),
  "lists in lists, closed": "[".repeat(MAX_CHARS / 2) + "]".repeat(MAX_CHARS / 2),
  "a number of many digits": `{"defaults":{"absolute_lifetime_secs":${"9".repeat(MAX_CHARS - 100)}}}`,
  "a number beyond all": '{"defaults":{"absolute_lifetime_secs":1e999,"inactivity_timeout_secs":-1e999}}',
  "numbers of every kind": filled('{"defaults":{"ip_allowlist":[1', (at) => `,${at}e${at}`, "]}}"),
  "a long string": `{"tags":[{"tag":"${"a".repeat(MAX_CHARS - 100)}"}]}`,
  "a long string of colons": `{"tags":[{"tag":"${":".repeat(MAX_CHARS - 100)}"}]}`,
  "an address of slashes": `{"defaults":{"ip_allowlist":["${"/".repeat(MAX_CHARS - 100)}"]}}`,
  "an address of zeros": `{"defaults":{"ip_allowlist":["::${"0".repeat(MAX_CHARS - 100)}"]}}`,
  "comments in a row": filled("", () => "/**/", "{}"),
  "lines of comments": filled("", () => "//\n", "{}"),
  "a comment without an end": `/*${"* /".repeat(MAX_CHARS / 4)}`,
  "one character a line": filled('{"tags":[\n1', () => "\n,\n1", "]}"),
  "no JSON, one character a line": filled("", () => "x\n", ""),
  quotes: '"'.repeat(MAX_CHARS),
  "half escapes": filled('{"defaults":"', () => "\\u12", '"}'),
  "unknown keys": filled("{", (at) => `"k${at}":1,`, "}"),
  "unknown keys in every tag": tags((at) => `"k${at}":1,"l${at}":2`),
  "the same key again and again": filled("{", () => '"tags":1,', "}"),
  "texts instead of addresses": filled('{"defaults":{"ip_allowlist":["a"', (at) => `,"${at}"`, "]}}"),
  "networks with host bits": tags((at) => `"ip_allowlist":["10.1.${at & 255}.1/8","10.2.0.${at & 255}/9"]`),
  "types of tags": filled('{"on_create_only_tags":["a"', (at) => `,"${at}"`, "]}"),
};

/** Inputs beside texts: what stands around a text, in a query, or instead of what is expected. Bodies are larger than what is read, or just fit. */
export const HOSTILE_INPUTS: readonly (readonly [CallName, object])[] = [
  ["policies/explain", { tags: Array.from({ length: 200_000 }, () => "a") }],
  ["policies/explain", { tags: Array.from({ length: 300_000 }, () => 1) }],
  [
    "policies/explain",
    {
      tags: Array.from({ length: 50 }, (_, at) => `t:${at}`),
      text: HOSTILE_POLICIES["150 tags with 80 networks each"],
    },
  ],
  ["policies/preview", Object.fromEntries(Array.from({ length: 25_000 }, (_, at) => [`key${at}`, 1]))],
  ["policies/preview", { text: Array.from({ length: 62_000 }, () => [[]]) }],
  ["policies/explain", { tags: Array.from({ length: 80_000 }, () => "a") }],
  ["policies/explain", { tags: Array.from({ length: 150_000 }, () => 1) }],
  ["policies/preview", Object.fromEntries(Array.from({ length: 70_000 }, (_, at) => [`key${at}`, 1]))],
  ["policies/preview", { text: Array.from({ length: 250_000 }, () => [[]]) }],
  ["policies/check", { text: "€".repeat(300_000) }],
  ["access/confirm-password", { password: "a".repeat(30_000) }],
  ["overview/series", { from: 0, to: 3600 }],
  ["sessions/list", { tag: Array.from({ length: 50 }, (_, at) => `t:${"x".repeat(200)}${at}`), limit: 100 }],
  ["sessions/list", { cursor: "x".repeat(200) }],
  ["sessions/list", { ip: "0.0.0.0/0", event: "refused", bound: false, activeAt: 1_700_000_000 }],
  ["sessions/export", { format: "csv" }],
  ["log/export", { format: "csv" }],
  ["policies/current", {}],
  ["overview/health", {}],
];
