import { describe, expect, it } from "vitest";
import { readSessionConfig } from "../../src/engine/config/session-config.ts";
import { createPolicyBook } from "../../src/engine/policy/policy.ts";
import { SETTING_NAMES } from "../../src/engine/policy/values.ts";

const bookOf = (config: object) => createPolicyBook(readSessionConfig(JSON.stringify(config)).config);
const tag = (name: string, settings: object) => ({ tag: name, ...settings });

describe("policyFor", () => {
  it("gives what is built in where the file says nothing", () => {
    expect(bookOf({}).policyFor([])).toEqual({
      absolute_lifetime_secs: 1_209_600,
      inactivity_timeout_secs: undefined,
      ip_allowlist: undefined,
      ip_blocklist: undefined,
      disallow_ip_address_changes: false,
      max_concurrent_sessions_per_user: 8,
      on_session_limit_exceeded: "drop_oldest",
      tagLimits: [],
      user_agent_check: undefined,
      on_shared_session: "flag",
      rotation_interval_secs: 3600,
      rotation_grace_secs: 60,
      rotation_pending_max_secs: 86_400,
      max_hold_secs: 10,
      require_device: "none",
      device_registration_window_secs: 300,
      device_cookie_secs: 600,
      max_remembered_devices_per_user: 50,
    });
  });

  it("takes every setting from the defaults of the file", () => {
    const settings = {
      absolute_lifetime_secs: 1,
      inactivity_timeout_secs: 2,
      disallow_ip_address_changes: true,
      max_concurrent_sessions_per_user: 3,
      on_session_limit_exceeded: "drop_newest",
      user_agent_check: "off",
      on_shared_session: "end",
      rotation_interval_secs: 400,
      rotation_grace_secs: 5,
      rotation_pending_max_secs: 6,
      max_hold_secs: 7,
      require_device: "any",
      device_registration_window_secs: 7,
      device_cookie_secs: 8,
      max_remembered_devices_per_user: 9,
    };
    const lists = { ip_allowlist: ["10.0.0.0/8"], ip_blocklist: ["10.6.6.6"] };
    const policy = bookOf({ defaults: { ...settings, ...lists } }).policyFor(["org:acme"]);
    expect(policy).toMatchObject(settings);
    expect(policy.ip_allowlist?.toStrings()).toEqual(["10.0.0.0/8"]);
    expect(policy.ip_blocklist?.toStrings()).toEqual(["10.6.6.6/32"]);
    expect(Object.keys({ ...settings, ...lists }).sort()).toEqual(SETTING_NAMES.toSorted());
  });

  it("lets a tag override the defaults one setting at a time, also where looser", () => {
    const book = bookOf({
      defaults: { absolute_lifetime_secs: 100, inactivity_timeout_secs: 10, disallow_ip_address_changes: true },
      tags: [tag("org:a", { absolute_lifetime_secs: 200, disallow_ip_address_changes: false })],
    });
    expect(book.policyFor(["org:a"])).toMatchObject({
      absolute_lifetime_secs: 200,
      inactivity_timeout_secs: 10,
      disallow_ip_address_changes: false,
    });
    expect(book.policyFor(["org:b"])).toMatchObject({ absolute_lifetime_secs: 100, disallow_ip_address_changes: true });
  });

  it("replaces the defaults' lists by a tag's", () => {
    const book = bookOf({
      defaults: { ip_allowlist: ["10.0.0.0/8"], ip_blocklist: ["10.6.6.6"] },
      tags: [tag("org:a", { ip_allowlist: ["192.0.2.0/24"], ip_blocklist: [] })],
    });
    const policy = book.policyFor(["org:a"]);
    expect(policy.ip_allowlist?.toStrings()).toEqual(["192.0.2.0/24"]);
    expect(policy.ip_blocklist, "an empty blocklist asks for no address").toBeUndefined();
  });

  it("follows the priority of types, a listed one before an unlisted one", () => {
    const book = bookOf({
      tags: [
        tag("type:short", { absolute_lifetime_secs: 10, inactivity_timeout_secs: 1 }),
        tag("org:long", { absolute_lifetime_secs: 1000 }),
        tag("plan:shortest", { absolute_lifetime_secs: 1, rotation_grace_secs: 9 }),
      ],
      tag_priority: ["org", "type"],
    });
    expect(book.policyFor(["type:short", "org:long", "plan:shortest"])).toMatchObject({
      absolute_lifetime_secs: 1000,
      inactivity_timeout_secs: 1,
      rotation_grace_secs: 9,
    });
    expect(book.policyFor(["plan:shortest", "type:short"]).absolute_lifetime_secs).toBe(10);
  });

  const equals: [setting: string, a: unknown, b: unknown, stricter: unknown][] = [
    ["absolute_lifetime_secs", 10, 20, 10],
    ["inactivity_timeout_secs", 20, 10, 10],
    ["disallow_ip_address_changes", true, false, true],
    ["max_concurrent_sessions_per_user", 5, 2, 2],
    ["on_session_limit_exceeded", "drop_oldest", "reject_new", "reject_new"],
    ["on_session_limit_exceeded", "drop_oldest", "drop_newest", "drop_newest"],
    ["on_session_limit_exceeded", "drop_least_recently_active", "drop_oldest", "drop_oldest"],
    ["user_agent_check", "flag", "enforce", "enforce"],
    ["user_agent_check", "flag", "off", "flag"],
    ["on_shared_session", "flag", "end", "end"],
    ["on_shared_session", "off", "flag", "flag"],
    ["rotation_interval_secs", 600, 1200, 600],
    ["rotation_interval_secs", 0, 1200, 1200],
    ["rotation_interval_secs", 0, 0, 0],
    ["rotation_grace_secs", 5, 9, 5],
    ["rotation_pending_max_secs", 9, 5, 5],
    ["max_hold_secs", 9, 0, 0],
    ["require_device", "none", "any", "any"],
    ["device_registration_window_secs", 60, 30, 30],
    ["max_remembered_devices_per_user", 3, 4, 3],
    ["device_cookie_secs", 60, 30, 30],
    ["require_device", "any", "dpop", "dpop"],
  ];
  it.each(equals)("uses the stricter %s of %j and %j among equals", (setting, a, b, stricter) => {
    // Two tags of one listed type, and two of unlisted types.
    for (const [first, second, priority] of [
      ["org:a", "org:b", ["org"]],
      ["one:a", "two:b", []],
    ] as const) {
      const book = bookOf({
        tags: [tag(first, { [setting]: a }), tag(second, { [setting]: b })],
        tag_priority: priority,
      });
      expect(book.policyFor([first, second])).toHaveProperty(setting, stricter);
      expect(book.policyFor([second, first])).toHaveProperty(setting, stricter);
    }
  });

  it("intersects allowlists and unites blocklists among equals", () => {
    const policy = bookOf({
      tags: [
        tag("org:a", { ip_allowlist: ["10.0.0.0/8", "192.0.2.0/24"], ip_blocklist: ["10.6.6.6"] }),
        tag("org:b", { ip_allowlist: ["10.1.0.0/16"], ip_blocklist: ["10.7.7.7"] }),
      ],
    }).policyFor(["org:b", "org:a"]);
    expect(policy.ip_allowlist?.toStrings()).toEqual(["10.1.0.0/16"]);
    expect(policy.ip_blocklist?.contains("10.6.6.6") && policy.ip_blocklist.contains("10.7.7.7")).toBe(true);
  });

  it("lets nobody in where two allowlists have nothing in common", () => {
    const policy = bookOf({
      tags: [tag("org:a", { ip_allowlist: ["10.0.0.1"] }), tag("org:b", { ip_allowlist: ["10.0.0.2"] })],
    }).policyFor(["org:a", "org:b"]);
    expect(policy.ip_allowlist?.isEmpty).toBe(true);
  });

  it("gives each tag its own limit, with its own way to keep it where it has one", () => {
    const book = bookOf({
      defaults: { on_session_limit_exceeded: "drop_newest" },
      tags: [
        tag("type:root", { max_concurrent_sessions_per_user_per_tag: 1, on_session_limit_exceeded: "reject_new" }),
        tag("org:a", { max_concurrent_sessions_per_user_per_tag: 2 }),
        tag("org:b", { on_session_limit_exceeded: "drop_oldest" }),
      ],
      tag_priority: ["org"],
    });
    expect(book.policyFor(["org:a"]).tagLimits).toEqual([{ tag: "org:a", max: 2, mode: "drop_newest" }]);
    const policy = book.policyFor(["type:root", "org:a", "org:b"]);
    expect(policy.on_session_limit_exceeded).toBe("drop_oldest");
    expect(policy.tagLimits).toEqual([
      { tag: "org:a", max: 2, mode: "drop_oldest" },
      { tag: "type:root", max: 1, mode: "reject_new" },
    ]);
  });

  it("gives the same object for the same tags, so that a validation merges nothing", () => {
    const book = bookOf({ tags: [tag("org:a", { absolute_lifetime_secs: 1 }), tag("org:b", {})] });
    const policy = book.policyFor(["org:a", "org:b"]);
    expect(book.policyFor(["org:b", "user:7", "org:a", "org:a"])).toBe(policy);
    expect(book.policyFor(["org:b"])).not.toBe(policy);
    expect(Object.isFrozen(policy)).toBe(true);
  });

  it("matches whole tags only, and no names of an object's own", () => {
    const book = bookOf({ tags: [tag("org:a", { absolute_lifetime_secs: 1 })] });
    for (const other of ["org:ab", "org:A", "org", "constructor", "__proto__", "org:a:b"]) {
      expect(book.policyFor([other]).absolute_lifetime_secs, other).toBe(1_209_600);
    }
  });
});

describe("explain", () => {
  it("says of each setting its value and where that comes from", () => {
    const book = bookOf({
      defaults: { inactivity_timeout_secs: 50 },
      tags: [
        tag("org:a", { ip_allowlist: ["10.0.0.0/8"], absolute_lifetime_secs: 20 }),
        tag("org:b", { ip_allowlist: ["10.1.0.0/16"], absolute_lifetime_secs: 10 }),
        tag("type:root", { max_concurrent_sessions_per_user_per_tag: 1, absolute_lifetime_secs: 5 }),
      ],
      tag_priority: ["org"],
    });
    const explained = book.explain(["type:root", "org:b", "org:a"]);
    expect(explained).toContainEqual({ setting: "absolute_lifetime_secs", value: 10, source: "org:b" });
    expect(explained).toContainEqual({ setting: "inactivity_timeout_secs", value: 50, source: "defaults" });
    expect(explained).toContainEqual({ setting: "ip_allowlist", value: ["10.1.0.0/16"], source: "org:a, org:b" });
    expect(explained).toContainEqual({ setting: "rotation_grace_secs", value: 60, source: "default" });
    expect(explained).toContainEqual({ setting: "ip_blocklist", value: null, source: "default" });
    expect(explained).toContainEqual({
      setting: "max_concurrent_sessions_per_user_per_tag",
      value: { max: 1, mode: "drop_oldest" },
      source: "type:root",
    });
    expect(explained).toHaveLength(SETTING_NAMES.length + 1);
  });

  it("agrees with the policy", () => {
    const book = bookOf({
      tags: [tag("a:a", { rotation_interval_secs: 0 }), tag("b:b", { rotation_interval_secs: 900 })],
    });
    const explained = book.explain(["a:a", "b:b"]).find(({ setting }) => setting === "rotation_interval_secs");
    expect(explained).toEqual({ setting: "rotation_interval_secs", value: 900, source: "b:b" });
    expect(book.policyFor(["a:a", "b:b"]).rotation_interval_secs).toBe(900);
  });
});

describe("isCreateOnly", () => {
  it("is told by the type of the tag", () => {
    const book = bookOf({ on_create_only_tags: ["type"] });
    expect(book.isCreateOnly("type:root")).toBe(true);
    expect(book.isCreateOnly("types:root")).toBe(false);
    expect(book.isCreateOnly("org:type")).toBe(false);
  });

  it('is true of all tags with "*"', () => {
    expect(bookOf({ on_create_only_tags: ["*"] }).isCreateOnly("org:a")).toBe(true);
    expect(bookOf({}).isCreateOnly("org:a")).toBe(false);
  });
});

it("gives the settings that no tag changes", () => {
  expect(bookOf({})).toMatchObject({
    device_challenge_lifetime_secs: 600,
    challenge_ip_binding: "exact",
    ended_session_retention_secs: 2_592_000,
    audit_retention_secs: 31_536_000,
  });
  const set = bookOf({
    device_challenge_lifetime_secs: 1,
    ended_session_retention_secs: 2,
    audit_retention_secs: 3,
  });
  expect(set).toMatchObject({
    device_challenge_lifetime_secs: 1,
    ended_session_retention_secs: 2,
    audit_retention_secs: 3,
  });
});

it("gives the shortest times that any policy has", () => {
  expect(bookOf({})).toMatchObject({ shortestLifetimeSecs: 1_209_600, shortestInactivityTimeoutSecs: undefined });
  const book = bookOf({
    defaults: { absolute_lifetime_secs: 500 },
    tags: [
      tag("org:a", { absolute_lifetime_secs: 50, inactivity_timeout_secs: 30 }),
      tag("org:b", { absolute_lifetime_secs: 900, inactivity_timeout_secs: 20 }),
    ],
  });
  expect(book).toMatchObject({ shortestLifetimeSecs: 50, shortestInactivityTimeoutSecs: 20 });
  const longer = bookOf({ tags: [tag("org:a", { absolute_lifetime_secs: 2_000_000 })] });
  expect(longer.shortestLifetimeSecs, "of sessions without the tag").toBe(1_209_600);
});
