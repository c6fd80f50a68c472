import { expect } from "vitest";
import { type Case, type CaseGroup, UNTIL_ROTATION_SECS } from "../case.ts";

const HEADERS: [name: string, value: string][] = [
  ["sec-purpose", "prefetch"],
  ["sec-purpose", "prefetch;prerender"],
  ["purpose", "prefetch"],
  ["next-router-prefetch", "1"],
  ["next-router-segment-prefetch", "/_tree"],
];

function prefetch(name: string, value: string): [name: string, run: Case] {
  return [
    `a prefetch by "${name}: ${value}" is validated and not rotated`,
    async ({ loggedIn, sidecar }) => {
      const client = await loggedIn();
      await sidecar.advance(UNTIL_ROTATION_SECS);
      const prefetched = await client.fetch("/me", { headers: { [name]: value } });
      expect([prefetched.status, prefetched.setCookies]).toEqual([200, []]);
      expect((await client.fetch("/me")).setCookies).toHaveLength(1);
    },
  ];
}

export const prefetches: CaseGroup = {
  title: "prefetches",
  cases: Object.fromEntries(HEADERS.map(([name, value]) => prefetch(name, value))),
};
