import fc from "fast-check";
import { COOKIE } from "../conformance/case.ts";
import { HARMLESS } from "./headers.ts";
import { toRequest } from "./inputs.ts";
import { genuineSessions, type Stage } from "./owners.ts";
import type { RawClient } from "./send.ts";

const HARMLESS_COOKIES = [
  ["_ga", "GA1.1.1"],
  ["theme", "dark"],
  ["__host-sessionToken", "1"],
  ["sessionToken", "{forged}"],
  [COOKIE, "{forged}"],
  [COOKIE, "junk"],
] as const;

/** A session's own requests, with what browsers, proxies and planted junk add to them. */
export async function passesWithHarmless(stage: Stage, client: RawClient, parameters: fc.Parameters<unknown>) {
  const sessions = await genuineSessions(stage);
  const property = fc.asyncProperty(
    fc.constantFrom(...sessions),
    fc.array(fc.constantFrom(...HARMLESS), { maxLength: 10 }),
    fc.array(fc.constantFrom(...HARMLESS_COOKIES), { maxLength: 4 }),
    fc.nat(4),
    async ({ token, userId, prove }, headers, cookies, after) => {
      const dpop = await prove?.();
      const sent = toRequest(
        {
          ...{ headers, cookies, after, heldSpelling: "plain", between: "; ", apart: false, body: undefined },
          ...{ method: "GET", spelling: "plain", query: "", aim: { kind: "open", method: "GET", path: "/me" } },
        },
        { cookies: [[COOKIE, token]], loot: {}, fixed: dpop === undefined ? [] : [["dpop", dpop]] },
      );
      const answer = await client.send(sent);
      if (answer?.status !== 200 || !answer.text.includes(`"userId":"${userId}"`)) {
        throw new Error(`it is refused: ${JSON.stringify(answer)}\nsent: ${JSON.stringify(sent, null, 1)}`);
      }
    },
  );
  await fc.assert(property, parameters);
}
