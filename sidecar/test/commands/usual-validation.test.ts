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
  "deviceCookie",
  "attemptId",
  "activity",
  "unknown",
];
const PROOF = { signedDeviceChallenge: "proof", requestUrl: "https://app.example.com/", requestMethod: "POST" };
const USUAL = { sessionToken: "token", userAgent: "browser", ipAddress: "203.0.113.7" };
const PROVED = { ...USUAL, deviceVerification: PROOF, deviceCookie: "", attemptId: "attempt" };

describe("the usual validation", () => {
  it("is recognised without the schema, with and without a user agent, an address and a proof", () => {
    const anyRequest = { ...USUAL, deviceVerification: { signedDeviceChallenge: "proof", unknown: 1 } };
    for (const data of [USUAL, { sessionToken: "token" }, { ...USUAL, unknown: 1 }, PROVED, anyRequest]) {
      expect(usualValidation(data)).toEqual(inputOf("ValidateSession").parse(data));
    }
  });

  it("is what the schema makes of it, and nothing that the schema refuses or reads otherwise", () => {
    const sent = [USUAL, PROVED].flatMap((usual) => altered(usual, FIELDS));
    const proofs = altered(PROOF, Object.keys(PROOF)).map((deviceVerification) => ({ ...USUAL, deviceVerification }));
    for (const data of [...sent, ...proofs, ...VALUES]) {
      const usual = usualValidation(data);
      if (usual === undefined) continue;
      const { success, data: parsed } = inputOf("ValidateSession").safeParse(data);
      expect(success).toBe(true);
      expect(usual).toEqual(parsed);
    }
  });
});

function altered(data: object, fields: readonly string[]): object[] {
  return fields.flatMap((field) => VALUES.map((value) => ({ ...data, [field]: value })));
}
