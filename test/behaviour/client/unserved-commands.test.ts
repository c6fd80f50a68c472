import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { isCommandName } from "@byo-session/core/contract";
import { createClient, type PropelAuthClient } from "@propelauth/byo-node";
import { beforeAll, describe, expect, it } from "vitest";
import { startTestSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";
import { errorOf } from "./error-of.ts";

let sidecar: TestSidecar;
let client: PropelAuthClient;

beforeAll(async () => {
  sidecar = await startTestSidecar();
  const { url, integrationKey } = sidecar;
  client = createClient({ url, integrationKey });
});

describe("what this sidecar does not serve", () => {
  const calls: [string, () => Promise<{ ok: true } | { ok: false; error: unknown }>][] = [
    ["StartPasskeyRegistration", () => client.passkeys.startRegistration({ userId: "ada", emailOrUsername: "ada" })],
  ];
  it.each(calls)("is said by name: %s", async (name, call) => {
    expect(errorOf(await call())).toEqual({
      type: "UnexpectedError",
      details: `${name} is not served by this sidecar`,
    });
  });

  it("is said of every command that the client's types name and of those of newer clients, and of no other", async () => {
    const entry = createRequire(import.meta.url).resolve("@propelauth/byo-node");
    const types = await readFile(join(dirname(entry), "index.d.ts"), "utf8");
    const named = [...types.matchAll(/"command": "(\w+)"/g)].map(([, name = ""]) => name);
    expect(named.length).toBeGreaterThan(45);
    const apiKeys = ["CreateApiKey", "ValidateApiKey", "RevokeApiKey", "PatchApiKey", "GetApiKeys"];
    for (const name of [...named, ...apiKeys].filter((name) => !isCommandName(name))) {
      expect(await sidecar.command(name, {})).toEqual({
        status: 501,
        body: { type: "UnexpectedError", details: `${name} is not served by this sidecar` },
      });
    }
    expect(await sidecar.command("DeleteApiKeys", {})).toMatchObject({ status: 400 });
  });
});
