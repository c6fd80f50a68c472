import fc from "fast-check";
import { beforeAll, expect, it } from "vitest";
import type { BrowserAnswer } from "../../harness/browser-client.ts";
import { startTestSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";
import { type SessionsApp, startSessionsApp } from "./sessions-app.ts";

/** A cookie name that subdomains can plant: without `__Host-`. */
const NAME = "sid";
const MAX_EXAMINED = 8;
const OFFICE_IP = "203.0.113.7";
/** The same seed everywhere, so that a failure is about the change under test; another run explores further. */
const SEED = Number(process.env.BYO_FUZZ_SEED ?? 20_261_127);

let sidecar: TestSidecar;
let app: SessionsApp;
/** Tokens by what they are worth, and what a request with just one of them is answered. */
let genuine: Map<string, { token: string; alone: string }>;

beforeAll(async () => {
  sidecar = await startTestSidecar({ config: { tags: [{ tag: "at:office", ip_allowlist: ["203.0.113.0/24"] }] } });
  app = await startSessionsApp({ sidecarUrl: sidecar.url, options: { cookie: { name: NAME } } });
  const ended = await newToken({});
  await sidecar.run("InvalidateSessionByToken", { sessionToken: ended });
  const tokens = { lives: await newToken({}), ended, refused: await newToken({ tags: ["at:office"] }, OFFICE_IP) };
  genuine = new Map();
  for (const [state, token] of Object.entries(tokens)) {
    genuine.set(state, { token, alone: summaryOf(await ask(`${NAME}=${token}`)) });
  }
});

async function newToken(login: object, ip?: string): Promise<string> {
  const browser = await app.loggedIn(login, ip === undefined ? {} : { ip });
  return (await browser.cookie(NAME)) ?? "";
}

function ask(cookie: string): Promise<BrowserAnswer> {
  return app.browser().fetch("/me", { headers: { cookie } });
}

function summaryOf({ status, text, setCookies }: BrowserAnswer): string {
  return JSON.stringify([status, text, setCookies]);
}

/** A cookie of our name with a value that was never issued, of the right form where `token` says so. */
interface Planted {
  readonly pair: string;
  readonly token?: string;
}

const base64url = (length: number) =>
  fc.string({ unit: fc.constantFrom(..."AQgwBx09_-"), minLength: length - 1, maxLength: length - 1 });

/** With the id of a genuine session or of none, and whatever generation. */
function forged(ids: readonly string[]): fc.Arbitrary<Planted> {
  return fc
    .tuple(
      fc.oneof(
        fc.constantFrom(...ids),
        base64url(22).map((text) => `${text}A`),
      ),
      fc.nat({ max: 0xffffffff }),
      base64url(22),
      base64url(43),
    )
    .map(([id, generation, tag, secret]) => {
      const token = `byo_sess_${id}.${generation.toString(16).padStart(8, "0")}.${tag}A.${secret}A`;
      return { pair: `${NAME}=${token}`, token };
    });
}

const printable = fc.string({ unit: fc.constantFrom(...'ab1 "%=,\\{}()<>@\t\u00e9\u00a0!s$.'), maxLength: 30 });

const junk: fc.Arbitrary<Planted> = fc
  .oneof(
    printable.map((value) => `${NAME}=${value}`),
    fc.constantFrom("byo_sess_", `byo_sess_${"A".repeat(22)}`, '"', '""', "%", "%00", "!s").map((v) => `${NAME}=${v}`),
    fc.nat({ max: 3000 }).map((length) => `${NAME}=${"a".repeat(length)}`),
    // Cookies whose names are close to ours, but different.
    fc
      .tuple(fc.constantFrom("x", "SID", `x${NAME}`, "$Version", "__Host-sid", "", "sid\u00a0"), printable)
      .map((pair) => pair.join("=")),
    fc.constantFrom(`x="1`, `x="${NAME}=`, NAME, "=", "", `=${NAME}=1`, `${NAME} =1`),
  )
  .map((pair) => ({ pair }));

/** How one and the same value may be written. */
const spelling = fc.constantFrom<(token: string) => string>(
  (token) => token,
  (token) => `"${token}"`,
  (token) => `\t ${token} \t`,
  (token) => token.replace("byo", "%62yo"),
  (token) => `"%62${token.slice(1)}"`,
  (token) => `${token}!s`,
);

it("whatever is planted around it, in any order: a token is answered as alone, or there are too many", async () => {
  const ids = [...genuine.values()].map(({ token }) => token.slice(9, 31));
  const planted = fc.array(fc.oneof(junk, forged(ids)), { maxLength: 20, size: "max" });
  const seen = { alone: 0, conflict: 0 };
  const property = fc.asyncProperty(
    fc.constantFrom(...genuine.values()),
    spelling,
    planted,
    fc.nat(),
    async ({ token, alone }, spell, others, at) => {
      const pairs = others.map(({ pair }) => pair);
      pairs.splice(at % (pairs.length + 1), 0, `${NAME}=${spell(token)}`);
      const answer = await ask(pairs.join("; "));
      const candidates = new Set([token, ...others.flatMap((one) => one.token ?? [])]);
      if (candidates.size <= MAX_EXAMINED) {
        seen.alone++;
        expect(summaryOf(answer)).toBe(alone);
      } else {
        seen.conflict++;
        expect([answer.status, answer.json(), answer.setCookies]).toMatchObject([
          401,
          { reason: "ConflictingCookies" },
          [],
        ]);
      }
    },
  );
  await fc.assert(property, { seed: SEED, numRuns: 400 });
  expect(seen.alone).toBeGreaterThan(200);
  expect(seen.conflict).toBeGreaterThan(10);
});

it("what was never issued runs no request, and ends no session", async () => {
  const ids = [...genuine.values()].map(({ token }) => token.slice(9, 31));
  const property = fc.asyncProperty(
    fc.array(fc.oneof(junk, forged(ids)), { maxLength: 20, size: "max" }),
    async (planted) => {
      expect((await ask(planted.map(({ pair }) => pair).join("; "))).status).toBe(401);
    },
  );
  await fc.assert(property, { seed: SEED, numRuns: 100 });
  for (const { token, alone } of genuine.values()) expect(summaryOf(await ask(`${NAME}=${token}`))).toBe(alone);
});
