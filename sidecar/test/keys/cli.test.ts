import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";

const CLI = fileURLToPath(new URL("../../src/cli.ts", import.meta.url));
let dataDir: string;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "byo-cli-"));
});
afterAll(() => rm(dataDir, { recursive: true }));

interface Run {
  code: number | string | null | undefined;
  stdout: string;
  stderr: string;
}

function byo(args: string[], env: NodeJS.ProcessEnv = {}): Promise<Run> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ["--conditions=@byo-session/source", CLI, ...args],
      { env: { PATH: process.env.PATH, DATA_DIR: dataDir, ...env } },
      (error, stdout, stderr) => resolve({ code: error ? error.code : 0, stdout, stderr }),
    );
  });
}

it("makes, lists and revokes keys", { timeout: 60_000 }, async () => {
  const created = await byo([
    "keys",
    "create",
    "--name",
    "web",
    "--commands",
    "Ping, CreateSession",
    "--expires-in-days",
    "2",
  ]);
  expect(created).toMatchObject({ code: 0, stdout: expect.stringMatching(/^api_[\w-]{43}\n$/) });
  expect(created.stderr, "the key goes where a script takes it from, and nowhere else").not.toContain("api_");

  const listed = await byo(["keys", "list"]);
  expect(listed.stdout).toMatch(
    /^ID +NAME +STATE .*\n[\da-f-]{36} +web +active +Ping,CreateSession +\S+Z +\S+Z +never\n$/,
  );
  expect(listed.stdout + listed.stderr).not.toContain("api_");

  expect(await byo(["keys", "revoke", "web"])).toMatchObject({ code: 0, stderr: expect.stringContaining('"web"') });
  expect((await byo(["keys", "list"])).stdout).toContain("revoked");
});

it("says what is wrong in one line", async () => {
  expect(await byo(["keys", "revoke", "nobody"])).toEqual({
    code: 1,
    stdout: "",
    stderr: 'byo: No key has the id or name "nobody". See: byo keys list\n',
  });
  expect(await byo(["keys", "list"], { PORT: "x" })).toEqual({
    code: 1,
    stdout: "",
    stderr: 'byo: PORT: expected a port from 0 to 65535. Got "x"\n',
  });
  const unreachable = await byo(["keys", "list"], { DATABASE_URL: "postgres://byo:hunter2@127.0.0.1:1/byo" });
  expect(unreachable).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^byo: the database did not answer\n.*ECONNREFUSED/),
  });
  expect(unreachable.stderr).not.toContain("hunter2");
  expect(await byo(["keys", "create"])).toMatchObject({ code: 1, stderr: expect.stringContaining("--name") });
});
