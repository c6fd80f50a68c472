import { describe, expect, it } from "vitest";
import { applyPatch, changesBetween, patchBetween, toDocument, toText } from "../../src/dashboard/policies/document.ts";
import { readSessionConfig } from "../../src/engine/config/session-config.ts";

const document = (config: object) => toDocument(readSessionConfig(JSON.stringify(config)).config);

const FILE = {
  defaults: { absolute_lifetime_secs: 100, ip_allowlist: ["10.0.0.0/8"] },
  tags: [
    { tag: "org:a", inactivity_timeout_secs: 60 },
    { tag: "__proto__:x", absolute_lifetime_secs: 5 },
  ],
  tag_priority: ["org"],
};
const EDITED = {
  defaults: { absolute_lifetime_secs: 50 },
  tags: [
    { tag: "org:b", on_shared_session: "end" },
    { tag: "org:a", inactivity_timeout_secs: 30 },
  ],
  tag_priority: ["org", "type"],
};

describe("policy documents", () => {
  it("come back from their text as they were", () => {
    for (const config of [{}, FILE, EDITED]) {
      const before = document(config);
      expect(toDocument(readSessionConfig(toText(before)).config)).toEqual(before);
    }
  });

  it("a patch between two makes the one of the other, and none where they are equal", () => {
    const [file, edited] = [document(FILE), document(EDITED)];
    expect(applyPatch(file, patchBetween(file, edited))).toEqual(edited);
    expect(applyPatch(edited, patchBetween(edited, file))).toEqual(file);
    expect(patchBetween(file, document({ ...FILE, tags: FILE.tags.toReversed() }))).toEqual({});
  });

  it("a patch keeps what the file says later of other settings", () => {
    const patch = patchBetween(
      document(FILE),
      document({ ...FILE, defaults: { ...FILE.defaults, absolute_lifetime_secs: 7 } }),
    );
    const later = document({ ...FILE, tags: [], defaults: { rotation_interval_secs: 900, absolute_lifetime_secs: 1 } });
    expect(applyPatch(later, patch)).toEqual(
      document({ tag_priority: ["org"], defaults: { rotation_interval_secs: 900, absolute_lifetime_secs: 7 } }),
    );
  });

  it("names each setting that differs", () => {
    expect(changesBetween(document(FILE), document(EDITED)).map(({ layer, setting }) => `${layer}.${setting}`)).toEqual(
      [
        "defaults.absolute_lifetime_secs",
        "defaults.ip_allowlist",
        "__proto__:x.absolute_lifetime_secs",
        "org:a.inactivity_timeout_secs",
        "org:b.on_shared_session",
        ".tag_priority",
      ],
    );
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
  });
});
