import { describe, expect, test } from "vitest";
import type { ValidateSessionData } from "../src/contract/index.ts";
import type { ClientAnswer } from "../src/sidecar/session-client.ts";
import { createEngine } from "../src/verdict/engine.ts";
import type { Verdict } from "../src/verdict/verdict.ts";

type Call = { command: "validate" | "validateAndRefresh"; data: ValidateSessionData };
type Answers = (data: ValidateSessionData) => ClientAnswer<Session>;
type Session = {
  sessionId: string;
  userId: string;
  createdAt: number;
  expiresAt: number;
  hasDeviceRegistered: boolean;
  deviceEvidence?: "recent";
  newSessionToken?: string;
  expiresInSecs?: number;
};

const good = (sessionId: string, hasDeviceRegistered = false, more: Partial<Session> = {}): ClientAnswer<Session> => ({
  ok: true,
  data: { sessionId, userId: "u", createdAt: 1, expiresAt: 2, hasDeviceRegistered, ...more },
});
const refusal = (type: string, details?: unknown, status?: number): ClientAnswer<Session> => ({
  ok: false,
  error: { type, details },
  ...(status !== undefined && { status }),
});

const NAVIGATION = { "sec-fetch-mode": "navigate" };

/** The engine with the sidecar's answers injected, and the calls it made. */
async function examine(
  answers: Answers,
  tokens: string[],
  {
    headers = {},
    mayRotate = true,
    proof = false,
    deviceCookie,
    device = "proof",
  }: {
    headers?: Record<string, string>;
    mayRotate?: boolean;
    proof?: boolean;
    deviceCookie?: string;
    device?: "proof" | "recent" | "off";
  } = {},
): Promise<{ verdict: Verdict; calls: Call[] }> {
  const calls: Call[] = [];
  const ask = (command: Call["command"]) => async (data: ValidateSessionData) => {
    calls.push({ command, data });
    return answers(data);
  };
  const session = { validate: ask("validate"), validateAndRefresh: ask("validateAndRefresh") };
  const engine = createEngine({ client: { session }, device });
  const verdict = await engine.examine({
    view: { method: "GET", target: "/", header: (name) => headers[name], clientIp: "127.0.0.1" },
    tokens: tokens.map((token) => ({ token, persistent: true })),
    proof: proof ? { kind: "proof", proof: { signedDeviceChallenge: "p" } } : { kind: "none" },
    deviceCookie,
    mayRotate,
  });
  return { verdict, calls };
}

describe("how long a successor's cookie is kept", () => {
  test.each<[string, Partial<Session>, number]>([
    ["as long as the sidecar says", { expiresInSecs: 300 }, 300],
    ["the session's whole life, where it does not say", {}, 1000],
    ["never longer than that", { expiresInSecs: 9999 }, 1000],
    ["at least a moment: nothing would take the cookie away", { expiresInSecs: 0 }, 1],
    ["what is no number says nothing", { expiresInSecs: Number.NaN }, 1000],
  ])("%s", async (_case, more, lifetimeSecs) => {
    const times = { createdAt: 5000, expiresAt: 6000, newSessionToken: "next" };
    const { verdict } = await examine(() => good("s", false, { ...times, ...more }), ["t"]);
    expect(verdict).toMatchObject({ kind: "authenticated", successor: { token: "next", lifetimeSecs } });
  });
});

describe("what an answer becomes", () => {
  test.each<[ClientAnswer<Session>, object]>([
    [refusal("InvalidSessionToken", "Expired: its time was over on Monday"), { kind: "ended", reason: "Expired" }],
    [refusal("InvalidSessionToken", "words of another sidecar"), { kind: "ended", reason: "NotFound" }],
    [refusal("InvalidSessionToken"), { kind: "ended", reason: "NotFound" }],
    [
      refusal("InvalidSessionToken", "MissingRequiredTag: role:admin"),
      { kind: "refused", reason: "MissingRequiredTag" },
    ],
    [refusal("IpAddressError", "Changed"), { kind: "refused", reason: "IpAddressError" }],
    [refusal("UnexpectedError", "sessionToken: too long", 400), { kind: "refused", reason: "BadRequest" }],
    [refusal("UnexpectedError", "too large", 413), { kind: "refused", reason: "BadRequest" }],
    [refusal("UnexpectedError", "down", 503), { kind: "unavailable" }],
    // The public client tells neither a status nor details of a network failure.
    [refusal("UnexpectedError"), { kind: "unavailable" }],
    [refusal("IntegrationKeyNotFound", undefined, 401), { kind: "unavailable" }],
    [refusal("SomethingNew", undefined, 401), { kind: "unavailable" }],
    [refusal("NewDeviceChallengeRequired", { deviceChallenge: 1 }), { kind: "unavailable" }],
    [{ ok: true, data: { hello: "world" } as unknown as Session }, { kind: "unavailable" }],
  ])("%j is %j", async (answer, verdict) => {
    expect((await examine(() => answer, ["t"])).verdict).toEqual(verdict);
  });

  test("a request that may not rotate is only validated", async () => {
    expect((await examine(() => good("s"), ["t"], { mayRotate: false })).calls).toMatchObject([
      { command: "validate" },
    ]);
    expect((await examine(() => good("s"), ["t"])).calls).toMatchObject([{ command: "validateAndRefresh" }]);
  });

  test("the user agent is cut to the contract's bound", async () => {
    const { calls } = await examine(() => good("s"), ["t"], { headers: { "user-agent": "x".repeat(9000) } });
    expect(calls[0]?.data.userAgent).toHaveLength(4096);
  });

  test("the user agent of Node's own fetch counts as none", async () => {
    const { calls } = await examine(() => good("s"), ["t"], { headers: { "user-agent": "node" } });
    expect(calls[0]?.data).not.toHaveProperty("userAgent");
  });

  test("a malformed token costs no call", async () => {
    for (const token of ["", "a b", "a\u0000b", "\u00e9", "x".repeat(9000)]) {
      expect(await examine(() => good("s"), [token])).toEqual({
        verdict: { kind: "ended", reason: "NotFound" },
        calls: [],
      });
    }
  });
});

describe("devices", () => {
  const recent: Answers = () => good("s", true, { deviceEvidence: "recent" });

  test.each<[string, Parameters<typeof examine>[2], object]>([
    ["nothing", {}, {}],
    ["a cookie", { deviceCookie: "c" }, { deviceCookie: "c" }],
    ["a proof", { proof: true }, { deviceVerification: { signedDeviceChallenge: "p" }, deviceCookie: "" }],
    [
      "a proof and a cookie",
      { proof: true, deviceCookie: "c" },
      { deviceVerification: { signedDeviceChallenge: "p" }, deviceCookie: "c" },
    ],
    ["a proof, where devices are ignored", { proof: true, device: "off" }, { ignoreDeviceForVerification: true }],
  ])("one call brings %s", async (_, presented, sent) => {
    const { calls } = await examine(() => good("s", true), ["t"], { ...presented, headers: NAVIGATION });
    expect(calls.map(({ data: { sessionToken, ipAddress, ...data } }) => data)).toEqual([sent]);
  });

  test("a refusal is final, whatever the request looks like", async () => {
    for (const reason of ["DeviceVerificationRequired", "DeviceVerificationFailed"]) {
      const { verdict, calls } = await examine(() => refusal(reason), ["t"], {
        headers: NAVIGATION,
        deviceCookie: "c",
      });
      expect([verdict, calls.length]).toEqual([{ kind: "refused", reason }, 1]);
    }
  });

  test.each<[string, Answers, Parameters<typeof examine>[2], string]>([
    ["a proof that the sidecar took", () => good("s", true), { proof: true }, "proof"],
    ["a cookie that the sidecar took", recent, { deviceCookie: "c" }, "recent"],
    ["a sidecar that lets a bound session pass without a word", () => good("s", true), { deviceCookie: "c" }, "none"],
    ["a word of a cookie that was never sent", recent, {}, "none"],
    ["a proof on a session without a device", () => good("s"), { proof: true }, "none"],
  ])("%s is the evidence %s", async (_, answers, presented, deviceEvidence) => {
    const { verdict } = await examine(answers, ["t"], presented);
    expect(verdict).toMatchObject({ kind: "authenticated", session: { deviceEvidence } });
  });
});

describe("several tokens", () => {
  const token = (id: string, generation: number) =>
    `byo_sess_${id.repeat(22)}.${generation.toString(16).padStart(8, "0")}.${"t".repeat(22)}.${"s".repeat(43)}`;

  test("of one session: newest first, the next only where one was never issued", async () => {
    const [older, newer] = [token("a", 9), token("a", 10)];
    const asked = async (answers: Answers) =>
      (await examine(answers, [older, newer])).calls.map(({ data }) => data.sessionToken);
    expect(await asked(() => good("s"))).toEqual([newer]);
    expect(await asked(() => refusal("InvalidSessionToken", "NotFound"))).toEqual([newer, older]);
    expect(await asked(() => refusal("InvalidSessionToken", "LoggedOut"))).toEqual([newer]);
    expect(await asked(() => refusal("UnexpectedError"))).toEqual([newer]);
  });

  test("of another sidecar's form: each by itself, and two of one session are no conflict", async () => {
    const { verdict, calls } = await examine(() => good("s"), ["opaque-1", "opaque-2"]);
    expect(calls).toHaveLength(2);
    expect(verdict).toMatchObject({ kind: "authenticated", presented: { token: "opaque-1" } });
    const different: Answers = ({ sessionToken = "" }) => good(sessionToken);
    expect((await examine(different, ["opaque-1", "opaque-2"])).verdict).toMatchObject({ kind: "conflict" });
  });

  test("one answer missing: a conflict cannot be ruled out", async () => {
    const answers: Answers = ({ sessionToken }) => (sessionToken === "a" ? good("s") : refusal("UnexpectedError"));
    expect((await examine(answers, ["a", "b"])).verdict).toEqual({ kind: "unavailable" });
  });

  const NEVER_ISSUED = refusal("InvalidSessionToken", "NotFound");
  const only =
    (genuine: string, answer: ClientAnswer<Session>): Answers =>
    ({ sessionToken }) =>
      sessionToken === genuine ? answer : NEVER_ISSUED;

  test("junk causes no call if the sidecar knows a token in our form", async () => {
    const genuine = token("g", 1);
    const junk = Array.from({ length: 50 }, (_, i) => `junk-${i}`);
    const { verdict, calls } = await examine(only(genuine, good("s")), [...junk, genuine, ...junk]);
    expect(verdict).toMatchObject({ kind: "authenticated", presented: { token: genuine } });
    expect(calls).toHaveLength(1);
  });

  test("another sidecar's token is found behind planted ones in our form, whatever it answers for those", async () => {
    const planted = ["a", "b", "c"].map((id) => token(id, 1));
    for (const word of [NEVER_ISSUED, refusal("UnexpectedError", "sessionToken: malformed", 400)]) {
      const answers: Answers = ({ sessionToken }) => (sessionToken === "opaque" ? good("s") : word);
      const { verdict } = await examine(answers, [...planted, "junk", "opaque"]);
      expect(verdict).toMatchObject({ kind: "authenticated", presented: { token: "opaque" } });
    }
  });

  test("eight are examined, nine are a conflict and cost no call", async () => {
    const tokens = Array.from("abcdefghi", (id) => token(id, 1));
    const genuine = tokens[7] ?? "";
    expect((await examine(only(genuine, good("s")), tokens.slice(0, 8))).verdict).toMatchObject({
      kind: "authenticated",
    });
    const tooMany = { verdict: { kind: "conflict", living: [] }, calls: [] };
    expect(await examine(only(genuine, good("s")), tokens)).toEqual(tooMany);
    const ofOneSession = Array.from({ length: 9 }, (_, i) => token("a", i));
    expect(await examine(only(genuine, good("s")), ofOneSession)).toEqual(tooMany);
    const opaque = Array.from({ length: 9 }, (_, i) => `opaque-${i}`);
    expect(await examine(() => good("s"), opaque)).toEqual(tooMany);
    expect((await examine(() => NEVER_ISSUED, [token("a", 1), ...opaque.slice(1)])).verdict).toEqual(tooMany.verdict);
  });

  test.each<[string, ClientAnswer<Session>]>([
    ["its device", refusal("DeviceVerificationRequired")],
    ["a bad proof", refusal("DeviceVerificationFailed")],
    ["its address", refusal("IpAddressError", "Blocked")],
    ["a missing tag", refusal("InvalidSessionToken", "MissingRequiredTag: role:admin")],
    ["an old challenge", refusal("NewDeviceChallengeRequired", { deviceChallenge: "c", expiresAt: 1 })],
  ])("a session that is refused for %s lives: another one does not step into its place", async (_why, refused) => {
    const [victims, attackers] = [token("v", 1), token("a", 1)];
    const answers: Answers = ({ sessionToken }) => (sessionToken === victims ? refused : good("attacker's"));
    for (const tokens of [
      [victims, attackers],
      [attackers, victims],
    ]) {
      expect((await examine(answers, tokens)).verdict).toMatchObject({ kind: "conflict", living: expect.any(Array) });
    }
  });

  test("never issued ones change nothing about the answer, in whatever order", async () => {
    const genuine = token("g", 1);
    const answers = [
      good("s"),
      refusal("InvalidSessionToken", "Expired"),
      refusal("IpAddressError", "Blocked"),
      refusal("DeviceVerificationFailed"),
      refusal("UnexpectedError", "too long", 400),
      NEVER_ISSUED,
    ];
    for (const answer of answers) {
      const alone = (await examine(only(genuine, answer), [genuine])).verdict;
      const planted = [token("a", 1), token("z", 1), "junk"];
      for (const tokens of [
        [...planted, genuine],
        [genuine, ...planted],
      ]) {
        expect((await examine(only(genuine, answer), tokens)).verdict).toEqual(alone);
      }
    }
  });

  test("none is good, and one has been replaced a moment ago: the browser keeps its cookie", async () => {
    const replaced = { type: "InvalidSessionToken", details: "LoggedOut", replaced: true };
    const answers: Answers = ({ sessionToken }) =>
      sessionToken === "b" ? { ok: false, error: replaced } : refusal("InvalidSessionToken", "Expired");
    const verdict = { kind: "ended", reason: "LoggedOut", isReplaced: true };
    for (const tokens of [["b"], ["a", "b"], ["b", "a"]]) {
      expect((await examine(answers, tokens)).verdict).toEqual(verdict);
    }
  });

  test("none is good: a refusal says more than an end", async () => {
    const answers: Answers = ({ sessionToken }) =>
      sessionToken === "a" ? refusal("InvalidSessionToken", "Expired") : refusal("IpAddressError", "Blocked");
    expect((await examine(answers, ["a", "b"])).verdict).toEqual({ kind: "refused", reason: "IpAddressError" });
  });
});
