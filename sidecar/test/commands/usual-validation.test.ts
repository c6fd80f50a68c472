import { inputOf, LIMITS } from "@byo-session/core/contract";
import { describe, expect, it } from "vitest";
import { usualValidation } from "../../src/engine/commands/usual-validation.ts";

const TEXTS = ["", "text", "a\0b", "\ud800", "\ud83d\ude00", "x".repeat(LIMITS.userAgentChars + 1), "x".repeat(9000)];
const VALUES: readonly unknown[] = [undefined, null, 1, true, [], {}, ["org:a"], ...TEXTS];
const FIELDS = [
  "sessionToken",
  "userAgent",
  "ipAddress",
  "requiredTags",
  "deviceVerification",
  "ignoreDeviceForVerification",
  "attemptId",
  "unknown",
];
const USUAL = { sessionToken: "token", userAgent: "browser", ipAddress: "203.0.113.7" };

describe("the usual validation", () => {
  it("is recognised without the schema, with and without a user agent and an address", () => {
    for (const data of [USUAL, { sessionToken: "token" }, { ...USUAL, unknown: 1 }]) {
      expect(usualValidation(data)).toEqual(inputOf("ValidateSession").parse(data));
    }
  });

  it("is what the schema makes of it, and nothing that the schema refuses or reads otherwise", () => {
    const sent = FIELDS.flatMap((field) => VALUES.map((value) => ({ ...USUAL, [field]: value })));
    for (const data of [...sent, ...VALUES]) {
      const usual = usualValidation(data);
      if (usual === undefined) continue;
      const { success, data: parsed } = inputOf("ValidateSession").safeParse(data);
      expect(success).toBe(true);
      expect(usual).toEqual(parsed);
    }
  });
});
