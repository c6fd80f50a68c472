import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Database } from "../../src/engine/db/database.ts";
import { hashKey } from "../../src/engine/keys/integration-keys.ts";
import { addKeyCommands } from "../../src/engine/keys/key-commands.ts";
import { listKeys } from "../../src/engine/keys/key-management.ts";
import { openTestDatabase } from "./database.ts";

describe("byo keys", () => {
  let db: Database;
  let printed: string[];
  let told: string[];

  beforeAll(async () => {
    db = await openTestDatabase();
  });
  afterAll(() => db.close());
  beforeEach(() => {
    printed = [];
    told = [];
  });
  afterEach(() => db.query({ name: "clear", text: "DELETE FROM byo.integration_keys" }));

  async function byo(...args: string[]): Promise<void> {
    const program = new Command("byo").exitOverride().configureOutput({ writeErr: (text) => told.push(text) });
    addKeyCommands(program, {
      withDatabase: (work) => work(db),
      print: (line) => printed.push(line),
      tell: (line) => told.push(line),
    });
    await program.parseAsync(["keys", ...args], { from: "user" });
  }

  it("create prints the key where a script takes it from, and nowhere else", async () => {
    await byo("create", "--name", "web", "--commands", "Ping, CreateSession", "--expires-in-days", "2");
    expect(printed).toEqual([expect.stringMatching(/^api_[\w-]{43}$/)]);
    expect(told.join()).toContain('"web"');
    expect(told.join()).not.toContain("api_");
    const [key] = await listKeys(db);
    expect(key).toMatchObject({ name: "web", allowed_commands: ["Ping", "CreateSession"] });
    expect((key?.expires_at ?? 0) - (key?.created_at ?? 0)).toBe(2 * 86_400);
    const [row] = await db.query<{ key_hash: Buffer }>({
      name: "h",
      text: "SELECT key_hash FROM byo.integration_keys",
    });
    expect(row?.key_hash).toEqual(hashKey(printed[0] ?? ""));
  });

  it("create gives a limited key its additional capabilities", async () => {
    await byo("create", "--name", "web", "--commands", "ValidateSession", "--capabilities", "device:ignore");
    expect(await listKeys(db)).toMatchObject([{ capabilities: ["device:ignore"] }]);
    await byo("create", "--name", "job", "--commands", "ValidateSession");
    printed = [];
    await byo("list");
    expect(printed[1]).toContain(" ValidateSession,device:ignore ");
    expect(printed[2]).toContain(" ValidateSession  ");
    await expect(byo("create", "--name", "x", "--capabilities", "device")).rejects.toThrow("some of: device:ignore");
  });

  it("create makes a key for all commands and without an end", async () => {
    await byo("create", "--name", "web");
    expect(await listKeys(db)).toMatchObject([{ allowed_commands: null, expires_at: null }]);
  });

  it.each(["0", "-1", "soon", ""])("create refuses %j days", async (days) => {
    await expect(byo("create", "--name", "web", "--expires-in-days", days)).rejects.toThrow("number of days above 0");
    expect(await listKeys(db)).toEqual([]);
  });

  it("create refuses a command that does not exist, and none", async () => {
    await expect(byo("create", "--name", "web", "--commands", "Pong")).rejects.toThrow("Not a command: Pong");
    await expect(byo("create", "--name", "web", "--commands", ",")).rejects.toThrow("Expected some of: Ping");
  });

  it("list shows the keys in columns, without secrets", async () => {
    await byo("create", "--name", "web", "--commands", "Ping");
    await byo("create", "--name", "background jobs");
    await byo("revoke", "web");
    printed = [];
    await byo("list");
    const time = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ";
    expect(printed).toEqual([
      expect.stringMatching(/^ID {36}NAME {13}STATE {4}COMMANDS {2}CREATED +EXPIRES {2}LAST USED {2}IGNORED DEVICES$/),
      expect.stringMatching(`^[\\da-f-]{36}  web              revoked  Ping      ${time}  never    never      never$`),
      expect.stringMatching(`^[\\da-f-]{36}  background jobs  active   all       ${time}  never    never      never$`),
    ]);
  });

  it("revoke says what it revoked, or that there is nothing to revoke", async () => {
    await byo("create", "--name", "web");
    await byo("revoke", "web");
    expect(told.at(-1)).toMatch(/^Revoked the key "web" \([\da-f-]{36}\)/);
    await expect(byo("revoke", "web")).rejects.toThrow("revoked already");
    await expect(byo("revoke", "nobody")).rejects.toThrow('No key has the id or name "nobody"');
  });
});

describe("the program", () => {
  const CLI = fileURLToPath(new URL("../../src/cli.ts", import.meta.url));
  const run = (args: string[], env: NodeJS.ProcessEnv) =>
    new Promise<{ failed: boolean; stdout: string; stderr: string }>((resolve) => {
      execFile(
        process.execPath,
        ["--conditions=@byo-session/source", CLI, ...args],
        { env: { PATH: process.env.PATH, ...env } },
        (error, stdout, stderr) => resolve({ failed: error !== null, stdout, stderr }),
      );
    });

  it("says what is wrong with the environment in one line", async () => {
    expect(await run(["keys", "list"], { PORT: "x" })).toEqual({
      failed: true,
      stdout: "",
      stderr: 'byo: PORT: expected a port from 0 to 65535. Got "x"\n',
    });
  });

  it("says that the database cannot be reached, without its password", async () => {
    const result = await run(["keys", "list"], { DATABASE_URL: "postgres://byo:hunter2@127.0.0.1:1/byo" });
    expect(result).toMatchObject({ failed: true, stdout: "", stderr: expect.stringContaining("127.0.0.1:1") });
    expect(result.stderr).toMatch(/^byo: the database of DATABASE_URL cannot be reached: nothing listens at /);
    expect(result.stderr).not.toContain("hunter2");
  });
});
