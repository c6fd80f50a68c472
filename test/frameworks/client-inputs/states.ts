import { COOKIE } from "../conformance/case.ts";
import type { Header } from "./headers.ts";
import {
  type Aim,
  type Choices,
  DEVICE_COOKIE,
  FORGED_TOKEN,
  IMPERSONATION_COOKIE,
  STATELESS_COOKIE,
} from "./inputs.ts";
import {
  EMPLOYEES_ADDRESS,
  type Fate,
  type Held,
  impersonation,
  logIn,
  lootOfOthers,
  ownerWithDevice,
  ownSession,
  type Stage,
  tokenOf,
} from "./owners.ts";

/** A state in which the plain request is refused. */
export interface State extends Choices {
  readonly name: string;
  /** Why the plain request is refused at its first aim, and for no other reason. */
  readonly reason: string;
  /** What a proxy or the victim's own browser says, whatever the attacker wants: one of these. */
  readonly fixed?: readonly (readonly Header[])[];
  /** Headers that change the question here, and are left out. */
  readonly without?: readonly string[];
  /** The session is good, only not for what it is aimed at. */
  readonly isGood?: boolean;
  /** What alone shows that the attack has worked, because the same person may get other answers. */
  readonly mark?: string;
  /** Nothing that is sent may end the owner's session. */
  readonly mustLive?: boolean;
  /** Where the app says that recent evidence will do. Default: `aims`. */
  readonly aimsAtPages?: readonly Aim[];
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
/** What needs a proof in every app. */
const NEEDING_PROOF = [
  ...[guarded("/act/logout-others", "POST"), guarded("/session/list"), guarded("/session/logout-others", "POST")],
  ...[guarded("/session/ticket", "POST"), guarded("/session/device", "POST")],
];
/** What changes or lists sessions; a logout needs no proof. */
const ACTIONS = [
  ...["/act/update", "/act/set-tags", "/act/list"].map((path) => guarded(path, "POST")),
  ...NEEDING_PROOF,
];

/** How an employee is seen who acts as a user. */
const AS_EMPLOYEE = {
  mark: '"impersonator"',
  fixed: [[["x-forwarded-for", EMPLOYEES_ADDRESS]]],
  // Another one ends the employee's session.
  without: ["user-agent"],
  async prepare(stage: Stage): Promise<Held> {
    const { session, loot } = await impersonation(stage);
    const cookies = [[COOKIE, session] as const, [IMPERSONATION_COOKIE, loot.impersonation ?? ""] as const];
    return { cookies, loot: { ...(await lootOfOthers(stage)), ...loot, stolen: session } };
  },
} as const;

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
    name: "the cookies of an impersonation and of a stateless token alone",
    reason: "NoSession",
    aims: [...GUARDED, ...OPEN, ...ACTIONS],
    fixed: [[["x-forwarded-for", EMPLOYEES_ADDRESS]]],
    async prepare(stage) {
      const { loot } = await impersonation(stage);
      const cookies = [
        [IMPERSONATION_COOKIE, loot.impersonation ?? ""],
        [STATELESS_COOKIE, loot.stateless ?? ""],
      ] as const;
      return { cookies, loot: { ...(await lootOfOthers(stage)), ...loot } };
    },
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
    aims: [...GUARDED, ...OPEN, ...ACTIONS],
    async prepare(stage) {
      const { usedProof, stolen, owner } = await ownerWithDevice(stage);
      return { cookies: [[COOKIE, stolen]], loot: { ...(await lootOfOthers(stage)), stolen, usedProof }, owner };
    },
  },
  {
    name: "a copied cookie jar of a session with a device",
    reason: "DeviceVerificationRequired",
    // Not `/page`: there recent evidence is enough.
    aimsAtPages: [guarded("/bound"), ...NEEDING_PROOF],
    aims: [guarded("/me"), guarded("/bound"), ...OPEN, ...ACTIONS],
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
    fixed: [
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
    ],
    without: ["sec-fetch-site"],
    prepare: (stage) => ownSession(stage),
  },
  {
    name: "a session from an address that its tag does not allow",
    reason: "IpAddressError",
    aims: [...GUARDED.slice(0, 3), ...OPEN, ...ACTIONS.slice(0, 4)],
    // The trusted proxy writes the last address; anyone can write those before it.
    fixed: ["", "203.0.113.9, ", "127.0.0.1, ", "203.0.113.9,", "::ffff:203.0.113.9, , "].map((before) => [
      ["x-forwarded-for", `${before}198.51.100.7`] as const,
    ]),
    prepare: (stage) => ownSession(stage, { tags: ["test:office"] }, "203.0.113.9"),
  },
  {
    name: "a copied cookie beside a session of the thief's own",
    reason: "ConflictingCookies",
    aims: [...GUARDED.slice(0, 3), ...OPEN, ...ACTIONS],
    // The first request ends both, so each run needs new ones.
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
    ...AS_EMPLOYEE,
    name: "an employee who acts as a user and may only read",
    reason: "ImpersonationReadOnly",
    aims: ["/me", "/open", "/act/load", "/act/update"].map((path) => guarded(path, "POST")),
    methods: UNSAFE_METHODS,
  },
  {
    ...AS_EMPLOYEE,
    name: "an employee who acts as a user where that is refused",
    reason: "ImpersonationRefused",
    aims: [guarded("/private")],
    // The state before this one has the sweep.
    isCostly: true,
  },
  {
    // The last one: it makes every session older.
    name: "a login that is too long ago",
    reason: "ReauthenticationRequired",
    aims: [guarded("/recent")],
    // Another user agent ends the session.
    ...{ without: ["upgrade", "user-agent"], isGood: true },
    async prepare(stage) {
      const held = await ownSession(stage);
      // Not the clock, which core has read by then. The guard allows 300, and both clocks count whole seconds.
      await stage.sidecar.sql("UPDATE byo.sessions SET created_at = created_at - interval '310 seconds'");
      return held;
    },
  },
];

/** What differs in an app whose option `device` is `recent`: all that is about devices. */
export function statesAtPages(): State[] {
  const ofDevices = STATES.filter(({ reason }) => reason === "DeviceVerificationRequired");
  // With `lazy` the handler that has sent its headers gets the refusal as an error, which Express 4 lets nobody catch.
  const canBeRefused = ({ path }: Aim) => path !== "/after-the-headers";
  return ofDevices.map(({ aimsAtPages, ...state }) => ({
    ...state,
    aims: (aimsAtPages ?? state.aims).filter(canBeRefused),
    // With recent evidence such an app may read the session, and its error handler may tell of it: what counts is the act.
    ...(aimsAtPages && { isGood: true }),
  }));
}
