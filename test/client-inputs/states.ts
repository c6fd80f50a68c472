import fc from "fast-check";
import { COOKIE } from "../conformance/case.ts";
import { createDeviceBrowser, PUBLIC_URL } from "../conformance/device-browser.ts";
import { type BrowserClient, CHROME_ON_LINUX, createBrowserClient } from "../harness/browser-client.ts";
import { createDeviceKey, type DeviceKey } from "../harness/device-key.ts";
import type { TestSidecar } from "../harness/test-sidecar.ts";
import type { Header } from "./headers.ts";
import { type Aim, type Choices, DEVICE_COOKIE, FORGED_TOKEN, type Loot } from "./inputs.ts";

export interface Stage {
  readonly url: string;
  readonly sidecar: TestSidecar;
}

/** What the owner of a session finds afterwards. */
export type Fate = "unharmed" | "ended" | "changed";

export interface Held {
  readonly cookies: readonly Header[];
  readonly loot: Loot;
  /** Undefined where nobody owns anything. */
  readonly owner?: () => Promise<Fate>;
}

export interface Genuine {
  readonly userId: string;
  readonly token: string;
  /** A proof for `GET /me`, where the session has a device. */
  prove?(): Promise<string>;
}

/** A state in which the plain request is refused. */
export interface State extends Choices {
  readonly name: string;
  /** Why the plain request is refused at its first aim: for nothing else. */
  readonly reason: string;
  /** What a proxy or the victim's own browser says, whatever the attacker wants. */
  readonly fixed?: fc.Arbitrary<readonly Header[]>;
  /** Headers that change the question here, and are left out. */
  readonly without?: readonly string[];
  /** The session is good, only not for what it is aimed at. */
  readonly isGood?: boolean;
  /** Nothing that is sent may end the owner's session. */
  readonly mustLive?: boolean;
  /** Each run needs new sessions, so only those by chance are made. */
  readonly isCostly?: boolean;
  prepare(stage: Stage): Promise<Held>;
}

const guarded = (path: string, method = "GET"): Aim => ({ kind: "guarded", method, path });
const open = (path: string, method = "GET"): Aim => ({ kind: "open", method, path });

const GUARDED = ["/me", "/page", "/bound", "/tagged", "/recent"].map((path) => guarded(path));
const OPEN = ["/open", "/assets/app.js", "/session", "/act/load", "/after-the-headers", "/cors/open", "/sign-in"].map(
  (path) => open(path),
);
/** What changes or lists sessions; a log-out needs no proof. */
const ACTIONS = [
  ...["/act/update", "/act/set-tags", "/act/list", "/act/logout-others"].map((path) => guarded(path, "POST")),
  ...[guarded("/session/list"), guarded("/session/logout-others", "POST"), guarded("/session/ticket", "POST")],
];

const UNSAFE_METHODS = ["POST", "PUT", "PATCH", "DELETE", "PROPFIND", "QUERY", "MKCOL", "REPORT", "TRACE", "PURGE"];

export const STATES: readonly State[] = [
  {
    name: "no cookie",
    reason: "NoSession",
    aims: [...GUARDED, ...OPEN, ...ACTIONS],
    prepare: async (stage) => ({ cookies: [], loot: await lootOfOthers(stage) }),
  },
  {
    name: "a cookie that was never issued",
    reason: "NotFound",
    aims: [...GUARDED, ...OPEN, ...ACTIONS],
    prepare: async (stage) => ({ cookies: [[COOKIE, FORGED_TOKEN]], loot: await lootOfOthers(stage) }),
  },
  {
    name: "an ended session",
    reason: "LoggedOut",
    aims: [...GUARDED, ...OPEN, ...ACTIONS],
    async prepare(stage) {
      const loot = await lootOfOthers(stage);
      const ended = loot.ended ?? "";
      return { cookies: [[COOKIE, ended]], loot: { ...loot, stolen: ended } };
    },
  },
  {
    name: "a copied cookie of a session with a device",
    reason: "DeviceVerificationRequired",
    aims: [...GUARDED, ...OPEN, ...ACTIONS, guarded("/session/device", "POST")],
    async prepare(stage) {
      const { usedProof, stolen, owner } = await ownerWithDevice(stage);
      return { cookies: [[COOKIE, stolen]], loot: { ...(await lootOfOthers(stage)), stolen, usedProof }, owner };
    },
  },
  {
    name: "a copied cookie jar of a session with a device",
    reason: "DeviceVerificationRequired",
    // Not `/page`: there recent evidence is enough.
    aims: [guarded("/me"), guarded("/bound"), ...OPEN, ...ACTIONS, guarded("/session/device", "POST")],
    async prepare(stage) {
      const { browser, usedProof, stolen, owner } = await ownerWithDevice(stage);
      const device = (await browser.cookie(DEVICE_COOKIE)) ?? "";
      return {
        ...{ cookies: [[COOKIE, stolen] as const, [DEVICE_COOKIE, device] as const], owner },
        loot: { ...(await lootOfOthers(stage)), stolen, usedProof },
      };
    },
  },
  {
    name: "a session without the tag",
    reason: "MissingRequiredTag",
    aims: [guarded("/tagged")],
    ...{ without: ["upgrade"], isGood: true },
    prepare: (stage) => ownSession(stage, { tags: ["plan:pro"] }),
  },
  {
    name: "a change that another site makes the browser send",
    reason: "CrossOrigin",
    aims: [...["/me", "/open", "/act/update", "/act/logout", "/session/logout"].map((path) => guarded(path, "POST"))],
    methods: UNSAFE_METHODS,
    ...{ isGood: true, mustLive: true },
    fixed: fc.constantFrom<readonly Header[]>(
      [
        ["sec-fetch-site", "cross-site"],
        ["origin", "https://evil.example"],
      ],
      [
        ["sec-fetch-site", "same-site"],
        ["origin", "https://sub.app.example"],
      ],
      [
        ["sec-fetch-site", "cross-site"],
        ["origin", "null"],
      ],
      [
        ["sec-fetch-site", "cross-site"],
        ["origin", "https://app.example.evil.example"],
      ],
      // A browser without Fetch Metadata.
      [["origin", "https://evil.example"]],
      [["origin", "null"]],
    ),
    without: ["sec-fetch-site"],
    prepare: (stage) => ownSession(stage),
  },
  {
    name: "a session from an address that its tag does not allow",
    reason: "IpAddressError",
    aims: [...GUARDED.slice(0, 3), ...OPEN, ...ACTIONS.slice(0, 4)],
    // The last address is the trusted proxy's word; what stands before it is anybody's.
    fixed: fc
      .constantFrom("", "203.0.113.9, ", "127.0.0.1, ", "203.0.113.9,", "::ffff:203.0.113.9, , ")
      .map((before) => [["x-forwarded-for", `${before}198.51.100.7`] as const]),
    prepare: (stage) => ownSession(stage, { tags: ["test:office"] }, "203.0.113.9"),
  },
  {
    name: "a copied cookie beside a session of the thief's own",
    reason: "ConflictingCookies",
    aims: [...GUARDED.slice(0, 3), ...OPEN, ...ACTIONS],
    // Both end by the first request, so each run needs new ones.
    isCostly: true,
    async prepare(stage) {
      const [{ stolen }, loot] = await Promise.all([ownerWithDevice(stage), lootOfOthers(stage)]);
      const own = await tokenOf(await logIn(stage, {}));
      const owner = async (): Promise<Fate> => "ended";
      return {
        cookies: [
          [COOKIE, stolen],
          [COOKIE, own],
        ],
        loot: { ...loot, stolen },
        owner,
      };
    },
  },
  {
    // The last one: it moves the sidecar's clock.
    name: "a log-in that is too long ago",
    reason: "ReauthenticationRequired",
    aims: [guarded("/recent")],
    // Another user agent ends the session, and the clock can be moved once: core has read it by then.
    ...{ without: ["upgrade", "user-agent"], isGood: true },
    async prepare(stage) {
      const held = await ownSession(stage);
      await stage.sidecar.advance(301);
      return held;
    },
  },
];

/** A plain session and one with a device, as their owners use them. */
export async function genuineSessions(stage: Stage): Promise<Genuine[]> {
  const [plain, bound] = await Promise.all([logIn(stage, { userId: "plain" }), deviceOwner(stage, "bound")]);
  const prove = () => newProof(bound.browser, bound.key);
  return [
    { userId: "plain", token: await tokenOf(plain) },
    { userId: "bound", token: await tokenOf(bound.browser), prove },
  ];
}

/** What anybody may have collected: from other users, and from sessions of their own. */
async function lootOfOthers(stage: Stage): Promise<Loot> {
  const browser = await logIn(stage, {});
  const ended = await tokenOf(browser);
  await browser.fetch("/act/logout", { json: {} });
  const other = await deviceOwner(stage);
  return {
    ended,
    othersDevice: (await other.browser.cookie(DEVICE_COOKIE)) ?? "",
    othersProof: await newProof(other.browser, other.key),
    forgedHandover: Buffer.from(JSON.stringify({ session: { userId: "root", sessionId: "x" } })).toString("base64url"),
  };
}

/** A user with a session of their own, who looks afterwards what has become of it. */
async function ownSession(stage: Stage, login: object = {}, ip?: string): Promise<Held> {
  const browser = await logIn(stage, login, ip);
  const stolen = await tokenOf(browser);
  const { tags } = await sessionAt(browser, "/me");
  return {
    cookies: [[COOKIE, stolen]],
    loot: { ...(await lootOfOthers(stage)), stolen },
    owner: async () => fateOf(await browser.fetch("/me"), tags),
  };
}

async function ownerWithDevice(stage: Stage) {
  const { browser, key } = await deviceOwner(stage);
  const usedProof = await newProof(browser, key);
  const answer = await browser.fetch("/me", { headers: { dpop: usedProof } });
  if (answer.status !== 200) throw new Error(`the owner's own proof is refused: ${answer.text}`);
  const owner = async () => fateOf(await browser.prove("/me"), []);
  return { browser, usedProof, stolen: await tokenOf(browser), owner };
}

async function deviceOwner({ url }: Stage, userId?: string) {
  const key = createDeviceKey();
  const browser = createDeviceBrowser({ browser: () => createBrowserClient(url) }, key);
  const answer = await browser.prove("/login", { json: login({ ...(userId && { userId }) }) });
  if (answer.status !== 200) throw new Error(`the log-in with a device is refused: ${answer.text}`);
  // The first proof of the session earns the device cookie.
  if ((await browser.prove("/me")).status !== 200) throw new Error("the owner's proof is refused");
  return { browser, key };
}

async function newProof(browser: BrowserClient, key: DeviceKey): Promise<string> {
  const { deviceChallenge } = (await browser.fetch("/session/challenge")).json<{ deviceChallenge: string }>();
  return key.prove({ challenge: deviceChallenge, url: `${PUBLIC_URL}/me`, method: "GET" });
}

async function logIn({ url }: Stage, more: object, ip?: string): Promise<BrowserClient> {
  const browser = createBrowserClient(url, { userAgent: CHROME_ON_LINUX, ...(ip !== undefined && { ip }) });
  const answer = await browser.fetch("/login", { json: login(more) });
  if (answer.status !== 200) throw new Error(`the log-in is refused: ${answer.text}`);
  return browser;
}

let users = 0;

function login(more: object): object {
  users++;
  return { userId: `owner-${users}`, metadata: { kept: true }, ...more };
}

async function tokenOf(browser: Pick<BrowserClient, "cookie">): Promise<string> {
  const token = await browser.cookie(COOKIE);
  if (token === undefined) throw new Error("the browser has no session cookie");
  return token;
}

interface Shown {
  session: { tags: string[]; metadata?: { kept?: boolean } };
}

async function sessionAt(browser: BrowserClient, path: string): Promise<Shown["session"]> {
  return (await browser.fetch(path)).json<Shown>().session;
}

function fateOf(answer: { status: number; json<T>(): T }, tags: readonly string[]): Fate {
  if (answer.status !== 200) return "ended";
  const { session } = answer.json<Shown>();
  return session.metadata?.kept === true && String(session.tags) === String(tags) ? "unharmed" : "changed";
}
