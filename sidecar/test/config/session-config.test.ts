import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { ConfigError } from "../../src/engine/config/jsonc.ts";
import { readSessionConfig } from "../../src/engine/config/session-config.ts";
import { BUILT_IN, SETTING_NAMES } from "../../src/engine/policy/values.ts";

/** The error message for the text. */
function refusal(jsonc: string): string {
  try {
    readSessionConfig(jsonc);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error("the text was accepted");
}

const inDefaults = (settings: string) => `{\n  "defaults": {\n    ${settings}\n  }\n}`;

describe("readSessionConfig", () => {
  it("takes comments, trailing commas, a byte order mark and an empty object", () => {
    expect(readSessionConfig("{}").config.device_challenge_lifetime_secs).toBe(600);
    const { config, warnings } = readSessionConfig(`\uFEFF// policy
      { "defaults": { /* a day */ "absolute_lifetime_secs": 86400, }, "tags": [{ "tag": "org:a", },], }`);
    expect(config).toMatchObject({ defaults: { absolute_lifetime_secs: 86_400 }, tags: [{ tag: "org:a" }] });
    expect(warnings).toEqual([]);
  });

  it("takes every key at both ends of its bounds", () => {
    const low = {
      absolute_lifetime_secs: 1,
      inactivity_timeout_secs: 1,
      max_concurrent_sessions_per_user: 1,
      rotation_interval_secs: 0,
      rotation_grace_secs: 1,
      rotation_pending_max_secs: 1,
      max_hold_secs: 0,
      device_registration_window_secs: 1,
    };
    const high = {
      absolute_lifetime_secs: 315_360_000,
      inactivity_timeout_secs: 315_360_000,
      ip_allowlist: ["0.0.0.0/0", "::/0"],
      ip_blocklist: [],
      max_concurrent_sessions_per_user: 20,
      max_concurrent_sessions_per_user_per_tag: 20,
      rotation_interval_secs: 315_360_000,
      rotation_grace_secs: 86_400,
      rotation_pending_max_secs: 315_360_000,
      max_hold_secs: 60,
      device_registration_window_secs: 315_360_000,
    };
    const text = JSON.stringify({
      defaults: low,
      tags: [{ tag: "a:b", ...high }],
      tag_priority: ["a"],
      on_create_only_tags: ["*"],
      device_challenge_lifetime_secs: 3600,
      challenge_ip_binding: "off",
      ended_session_retention_secs: 0,
      audit_retention_secs: 0,
    });
    expect(readSessionConfig(text).config).toEqual(JSON.parse(text));
  });

  it("names the file, the line, the key, what was expected and what is there", () => {
    expect(refusal(inDefaults('"absolute_lifetime_secs": "14 days"'))).toBe(
      "session_config.jsonc line 3, defaults.absolute_lifetime_secs: " +
        'expected a whole number of seconds from 1 to 315360000, got "14 days"',
    );
    expect(refusal('{\n\n  "tags": [\n    {},\n    { "tag": "org a" }\n] }').split("\n")).toEqual([
      'session_config.jsonc line 4, tags[0].tag: expected a tag as "org:acme": a type, a colon and a value, ' +
        "without whitespace, but it is missing",
      'session_config.jsonc line 5, tags[1].tag: expected a tag as "org:acme": a type, a colon and a value, ' +
        'without whitespace, got "org a"',
    ]);
  });

  it("refuses an unknown key and lists the known ones", () => {
    const message = refusal('{\n  "default": {}\n}');
    expect(message).toContain(
      "session_config.jsonc line 2, default: unknown key; expected one of: defaults, tags, tag_priority",
    );
    expect(refusal(inDefaults('"max_concurrent_sessions_per_user_per_tag": 1'))).toContain("line 3");
    expect(refusal('{ "__proto__": {} }')).toContain("__proto__: unknown key");
  });

  it.each([
    ["a fraction", '"absolute_lifetime_secs": 1.5'],
    ["zero", '"absolute_lifetime_secs": 0'],
    ["a negative number", '"inactivity_timeout_secs": -1'],
    ["null", '"inactivity_timeout_secs": null'],
    ["too large a number", '"absolute_lifetime_secs": 1e99'],
    ["21 sessions", '"max_concurrent_sessions_per_user": 21'],
    ["no session", '"max_concurrent_sessions_per_user": 0'],
    ["no grace", '"rotation_grace_secs": 0'],
    ["a word for a flag", '"disallow_ip_address_changes": "yes"'],
    ["another mode", '"on_session_limit_exceeded": "drop_all"'],
    ["another check", '"user_agent_check": "strict"'],
    ["another word", '"on_shared_session": true'],
    ["another kind of device", '"require_device": "hardware"'],
    ["an address instead of a list", '"ip_allowlist": "10.0.0.0/8"'],
    ["a host name", '"ip_allowlist": ["office.example"]'],
    ["an octal address", '"ip_blocklist": ["010.0.0.1"]'],
    ["a zone id", '"ip_blocklist": ["fe80::1%eth0"]'],
    ["too long a prefix", '"ip_blocklist": ["10.0.0.0/33"]'],
    ["an allowlist for nobody", '"ip_allowlist": []'],
  ])("refuses %s", (_, settings) => expect(refusal(inDefaults(settings))).toMatch(/^session_config.jsonc line 3, def/));

  it.each([
    ["a list at the top", "[]"],
    ["a tag with a colon in tag_priority", '{ "tag_priority": ["org:acme"] }'],
    ["an empty type", '{ "on_create_only_tags": [""] }'],
    ["an hour and a second for challenges", '{ "device_challenge_lifetime_secs": 3601 }'],
    ["no time for challenges", '{ "device_challenge_lifetime_secs": 0 }'],
    ["tags as an object", '{ "tags": { "org:acme": {} } }'],
  ])("refuses %s", (_, text) => expect(refusal(text)).toMatch(/^session_config.jsonc line 1.*expected/));

  it("reports everything that is wrong at once", () => {
    expect(
      refusal('{\n"defaults": { "rotation_grace_secs": 0 },\n"tags": [{ "tag": "x" }],\n"more": 1 }').split("\n"),
    ).toEqual(
      expect.arrayContaining([
        expect.stringMatching("line 2, defaults.rotation_grace_secs"),
        expect.stringMatching(/line 3, tags\[0\]\.tag/),
        expect.stringMatching("line 4, more"),
      ]),
    );
  });

  it.each([
    ["", "line 1: expected an object; the file is empty"],
    ["// nothing but a comment\n", "line 1: expected an object; the file is empty"],
    ['{\n  "defaults": {}\n  "tags": []\n}', "line 3: not valid JSON with comments: comma expected"],
    ['{\n  "defaults": {\n', "line 3: not valid JSON with comments: close brace expected"],
    ["{ 'defaults': {} }", "line 1: not valid JSON with comments"],
    ["{}{}", "line 1: not valid JSON with comments"],
  ])("says where %j is not JSON", (text, message) =>
    expect(refusal(text)).toContain(`session_config.jsonc ${message}`),
  );

  it("refuses a duplicate key, and a tag with two entries", () => {
    expect(refusal(inDefaults('"absolute_lifetime_secs": 1,\n    "absolute_lifetime_secs": 2'))).toBe(
      'session_config.jsonc line 4: the key "absolute_lifetime_secs" is set a second time',
    );
    expect(refusal('{ "tags": [\n  { "tag": "org:a" },\n  { "tag": "org:a" }] }')).toContain("line 3, tags[1].tag");
  });
});

describe("the bounds of a policy", () => {
  const lists = (count: number, each: number) =>
    Array.from({ length: count }, (_, at) => ({
      tag: `org:${at}`,
      ip_allowlist: Array.from({ length: each }, (_entry, of) => `10.${at}.${of >> 8}.${of & 255}`),
    }));

  it.each<[string, string, string]>([
    ["levels", "[".repeat(100_000), "session_config.jsonc line 1: expected at most 16 levels of objects and lists"],
    ["levels of objects", '{\n"a":'.repeat(50_000), "session_config.jsonc line 17: expected at most 16 levels"],
    ["tags", `{"tags": [${'{"tag":"a:b"},'.repeat(5001)}]}`, "line 1, tags: expected at most 5000 entries"],
    ["types of tags", `{"tag_priority": [${'"a",'.repeat(1001)}]}`, "tag_priority: expected at most 1000 entries"],
    ["networks of one list", JSON.stringify({ tags: lists(1, 1001) }), "ip_allowlist: expected at most 1000 entries"],
    ["networks in all", JSON.stringify({ tags: lists(11, 1000) }), "expected at most 10000 addresses and CIDRs"],
  ])("count its %s", (_what, text, message) => expect(refusal(text)).toContain(message));

  it("accept what is within them, without long waits", () => {
    const start = performance.now();
    const { config } = readSessionConfig(JSON.stringify({ tags: lists(10, 1000) }, null, 2));
    expect(config.tags).toHaveLength(10);
    expect(performance.now() - start).toBeLessThan(2000);
  });

  it("limit the number of reported problems, and the length of each", () => {
    const many = [
      `{${Array.from({ length: 20_000 }, (_, at) => `"key${at}":1`).join(",")}}`,
      `{${'"tags":1,'.repeat(20_000)}}`,
      `{"tags":[${"\n1,".repeat(4000)}]}`,
      `{"tags":[${'{"tag":"a:b"},'.repeat(4000)}]}`,
    ];
    for (const text of many) {
      const start = performance.now();
      expect(refusal(text).split("\n")).toHaveLength(100);
      expect(performance.now() - start).toBeLessThan(2000);
    }
    expect(refusal(`{"${"k".repeat(100_000)}":1}`).length).toBeLessThan(1000);
    expect(refusal(`{"defaults":{"absolute_lifetime_secs":${"9".repeat(100_000)}}}`).length).toBeLessThan(1000);
  });
});

describe("warnings", () => {
  const warningsOf = (config: object) => readSessionConfig(JSON.stringify(config, null, 1)).warnings;

  it("say what happened to host bits", () => {
    expect(
      warningsOf({
        defaults: { ip_blocklist: ["10.0.0.0/8", "10.0.0.1/8"] },
        tags: [{ tag: "a:b", ip_allowlist: ["::1/64"] }],
      }),
    ).toEqual([
      'session_config.jsonc line 5, defaults.ip_blocklist[1]: "10.0.0.1/8" has host bits and is read as 10.0.0.0/8',
      'session_config.jsonc line 12, tags[0].ip_allowlist[0]: "::1/64" has host bits and is read as ::/64',
    ]);
  });

  it.each([
    [{ rotation_interval_secs: 299 }, ["use 300 s or more"]],
    [{ rotation_interval_secs: 300 }, []],
    [{ rotation_interval_secs: 600, rotation_grace_secs: 301 }, ["less than twice the grace of 301 s"]],
    [{ rotation_interval_secs: 600, rotation_grace_secs: 300 }, []],
    [{ rotation_grace_secs: 2000 }, ["every 3600 s is less than twice the grace of 2000 s"]],
    [{ rotation_interval_secs: 100 }, ["300 s or more", "twice the grace of 60 s"]],
    [{ rotation_interval_secs: 0, rotation_grace_secs: 86_400 }, []],
    [{}, []],
  ])("about rotation, in the defaults and in tags: %j", (settings, expected) => {
    const matching = expected.map((text) => expect.stringContaining(text));
    expect(warningsOf({ defaults: settings })).toEqual(matching);
    expect(warningsOf({ tags: [{ tag: "a:b", ...settings }] })).toEqual(matching);
  });

  it("look at a tag together with the defaults", () => {
    const warnings = warningsOf({
      defaults: { rotation_grace_secs: 400 },
      tags: [{ tag: "a:b", rotation_interval_secs: 600 }],
    });
    expect(warnings).toEqual([expect.stringContaining("tags[0].rotation_interval_secs")]);
  });
});

it("the example loads without a warning and says what is built in", async () => {
  const text = await readFile(new URL("../../config.example/session_config.jsonc", import.meta.url), "utf8");
  const { config, warnings } = readSessionConfig(text);
  expect(warnings).toEqual([]);
  expect(config.defaults).toEqual(BUILT_IN);
  const empty = readSessionConfig("{}").config;
  expect(config).toEqual({
    ...empty,
    defaults: BUILT_IN,
    tags: [expect.objectContaining({ tag: "type:high_security" }), expect.objectContaining({ tag: "org:bigco" })],
    tag_priority: ["org", "type"],
    on_create_only_tags: ["type"],
  });
});

it("the example's commented keys are known too", async () => {
  const text = await readFile(new URL("../../config.example/session_config.jsonc", import.meta.url), "utf8");
  const switchedOn = text.replace(/\/\/ (?="\w+_\w+": )/g, "");
  expect(Object.keys(readSessionConfig(switchedOn).config.defaults)).toHaveLength(SETTING_NAMES.length);
});
