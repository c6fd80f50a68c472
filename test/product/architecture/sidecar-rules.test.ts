import { expect, it } from "vitest";
import { readSources } from "./sources.ts";

const sidecar = readSources("sidecar/src");

function filesWith(pattern: RegExp): string[] {
  return sidecar.filter(({ code }) => pattern.test(code)).map(({ path }) => path);
}

it("client addresses become canonical where they come in: with a command, a dashboard request or a setting", () => {
  expect(filesWith(/\bcanonicalIp\(/).sort()).toEqual([
    "sidecar/src/dashboard/http/client-address.ts",
    "sidecar/src/engine/loopback.ts",
    "sidecar/src/engine/policy/client-address.ts",
    "sidecar/src/engine/policy/ip-address.ts",
    // Not of a client, but of the host that a webhook is sent to.
    "sidecar/src/engine/webhooks/targets.ts",
  ]);
  expect(filesWith(/\bwithClientAddress\(/)).toEqual(["sidecar/src/engine/commands/run-command.ts"]);
});

it("a session's latest use is settled by reading, and no row changes later", () => {
  expect(filesWith(/\.lastActivityAt\s*=[^=]/).sort()).toEqual([
    "sidecar/src/engine/sessions/read/cache.ts",
    "sidecar/src/engine/sessions/read/latest-use.ts",
  ]);
});

it("only one place finds where a token stands, beside the logout, which needs no policy", () => {
  expect(filesWith(/\bpositionOf\((?!row: )/).sort()).toEqual([
    "sidecar/src/engine/sessions/end/invalidate.ts",
    "sidecar/src/engine/sessions/standing.ts",
  ]);
});
