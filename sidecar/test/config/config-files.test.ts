import { mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type ConfigFiles, createConfigFiles, missingSeenFiles } from "../../src/engine/config/config-files.ts";

let dir: string;
let lines: { level: number; msg: string; files?: string[] }[];
let opened: ConfigFiles[];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "byo-config-"));
  lines = [];
  opened = [];
});
afterEach(async () => {
  for (const files of opened) files.close();
  await rm(dir, { recursive: true });
});

const log = pino({ level: "trace" }, { write: (line: string) => lines.push(JSON.parse(line)) });
const put = (name: string, text: string) => writeFile(join(dir, name), text);
const lifetime = (secs: number) => JSON.stringify({ defaults: { absolute_lifetime_secs: secs } });
const errors = () => lines.filter((line) => line.level >= 50).map((line) => line.msg);

async function open(folder: string | undefined = dir): Promise<ConfigFiles> {
  const files = await createConfigFiles({ dir: folder, log });
  opened.push(files);
  return files;
}

describe("at the start", () => {
  it("reads the three files", async () => {
    await put("session_config.jsonc", lifetime(7));
    await put("system_config.jsonc", '{ "dashboard_session_lifetime_secs": 60 }');
    await put("user_impersonation.jsonc", '{ "enabled": true }');
    const { session, system, impersonation, files } = (await open()).current();
    expect(session.defaults.absolute_lifetime_secs).toBe(7);
    expect(system.dashboard_session_lifetime_secs).toBe(60);
    expect(impersonation.enabled).toBe(true);
    expect(files).toEqual(["session_config.jsonc", "system_config.jsonc", "user_impersonation.jsonc"]);
  });

  it("takes missing files as empty ones", async () => {
    const config = (await open()).current();
    expect(config.files).toEqual([]);
    expect(config.session.audit_retention_secs).toBe(31_536_000);
  });

  it("needs a folder only where one is named", async () => {
    await expect(open(join(dir, "typo"))).rejects.toThrow(/^CONFIG_DIR: expected a readable folder.*typo/);
    const files = await createConfigFiles({ log });
    opened.push(files);
    expect(files.current().files).toEqual([]);
  });

  it("lists what is wrong in all files", async () => {
    await put("session_config.jsonc", lifetime(0));
    await put("system_config.jsonc", "{");
    await expect(open()).rejects.toThrow(/session_config.jsonc line 1, .*\nsystem_config.jsonc line 1/);
  });

  it("ignores the files of other features with one line", async () => {
    await put("passkeys_config.jsonc", "not even JSON");
    await put("sso_config.jsonc", "{}");
    await open();
    expect(lines).toHaveLength(1);
    expect(lines[0]?.files?.sort()).toEqual(["passkeys_config.jsonc", "sso_config.jsonc"]);
  });

  it("says when a file has nearly the right name", async () => {
    await put("session_config.json", lifetime(7));
    await open();
    expect(lines).toContainEqual(
      expect.objectContaining({ level: 40, msg: expect.stringContaining("rename it to session_config.jsonc") }),
    );
  });

  it("logs warnings", async () => {
    await put("session_config.jsonc", '{ "defaults": { "rotation_interval_secs": 5 } }');
    await open();
    expect(lines.filter((line) => line.level === 40)).toHaveLength(2);
  });
});

describe("while running", () => {
  it("applies a change by itself", async () => {
    await put("session_config.jsonc", lifetime(7));
    const files = await open();
    const changes: (readonly string[])[] = [];
    files.onChange((config, changed) => {
      expect(config).toBe(files.current());
      changes.push(changed);
    });
    await put("session_config.jsonc", lifetime(8));
    await vi.waitFor(() => expect(files.current().session.defaults.absolute_lifetime_secs).toBe(8), { timeout: 5000 });
    await files.reloadNow();
    expect(changes).toEqual([["session_config.jsonc"]]);
  });

  it("notices a change that keeps size and times, behind a symbolic link", async () => {
    await put("one", lifetime(7));
    await put("two", lifetime(8));
    await symlink("one", join(dir, "session_config.jsonc"));
    const files = await open();
    await symlink("two", join(dir, "new-link"));
    await rename(join(dir, "new-link"), join(dir, "session_config.jsonc"));
    await files.reloadNow();
    expect(files.current().session.defaults.absolute_lifetime_secs).toBe(8);
  });

  it("applies a file that appears", async () => {
    const files = await open();
    await put("session_config.jsonc", lifetime(7));
    await files.reloadNow();
    expect(files.current().session.defaults.absolute_lifetime_secs).toBe(7);
    expect(files.current().files).toEqual(["session_config.jsonc"]);
  });

  it("keeps the old policy if a file becomes invalid, and says so once per change", async () => {
    await put("session_config.jsonc", lifetime(7));
    const files = await open();
    const refused: (readonly string[])[] = [];
    files.onRefused((problems) => refused.push(problems));
    for (const broken of ["{", lifetime(0), "{"]) {
      await put("session_config.jsonc", broken);
      await files.reloadNow();
      await files.reloadNow();
    }
    expect(files.current().session.defaults.absolute_lifetime_secs).toBe(7);
    expect(errors()).toHaveLength(3);
    expect(refused).toHaveLength(3);
    expect(refused[1]).toEqual([
      expect.stringContaining("session_config.jsonc line 1, defaults.absolute_lifetime_secs"),
    ]);
    expect(errors()[1]).toMatch(
      /session_config.jsonc line 1, defaults.absolute_lifetime_secs.*The earlier settings stay in force/,
    );
    await put("session_config.jsonc", lifetime(8));
    await files.reloadNow();
    expect(files.current().session.defaults.absolute_lifetime_secs).toBe(8);
  });

  it("applies the other files while one is invalid", async () => {
    await put("session_config.jsonc", lifetime(7));
    const files = await open();
    await put("session_config.jsonc", "{");
    await put("system_config.jsonc", '{ "dashboard_session_lifetime_secs": 60 }');
    await files.reloadNow();
    expect(files.current().session.defaults.absolute_lifetime_secs).toBe(7);
    expect(files.current().system.dashboard_session_lifetime_secs).toBe(60);
  });

  it("keeps the old policy if a file disappears, or is a folder", async () => {
    await put("session_config.jsonc", lifetime(7));
    const files = await open();
    await rename(dir, `${dir}-away`);
    await files.reloadNow();
    await files.reloadNow();
    await rename(`${dir}-away`, dir);
    expect(files.current().session.defaults.absolute_lifetime_secs).toBe(7);
    expect(errors()).toEqual([expect.stringContaining("session_config.jsonc has vanished")]);
  });

  it("does not call removed listeners, nor any after it is closed", async () => {
    const files = await open();
    let calls = 0;
    const leave = files.onChange(() => calls++);
    await put("session_config.jsonc", lifetime(7));
    await files.reloadNow();
    leave();
    await put("session_config.jsonc", lifetime(8));
    await files.reloadNow();
    expect(calls).toBe(1);
  });
});

describe("missingSeenFiles", () => {
  it("is an error that names the file and the two solutions", () => {
    const error = missingSeenFiles(["session_config.jsonc", "system_config.jsonc"], ["system_config.jsonc"]);
    expect(error?.message).toMatch(/^session_config.jsonc is missing, .*CONFIG_DIR.*"\{\}"\.$/);
  });

  it("is nothing where all are there, or none was seen", () => {
    expect(missingSeenFiles(["session_config.jsonc"], ["session_config.jsonc", "system_config.jsonc"])).toBeUndefined();
    expect(missingSeenFiles([], [])).toBeUndefined();
  });
});
