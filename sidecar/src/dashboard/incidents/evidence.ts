import type { Evidence, IncidentClient } from "../contract/incidents.ts";
import type { SeenClient } from "./clients.ts";
import type { LoginRow } from "./clients-store.ts";

/**
 * The sum speaks for the owner above zero, for an intruder below. The login alone makes an owner, unless it is new to the
 * user and from an address with many users.
 */
const WEIGHTS: Readonly<Record<Evidence["kind"], number>> = {
  loggedIn: 3,
  loginBrowser: 1,
  knownAddress: 1,
  knownBrowser: 1,
  newToUser: -2,
  otherBrowser: -1,
  otherAddress: -1,
  flagged: -1,
  tookTurns: -1,
  refused: -2,
  wrongProof: -3,
  oldToken: -3,
  manyUsers: -2,
};

/** An office or a mobile network has several users too, but their own logins speak for them. */
const MANY_USERS = 4;
/** Refusals by a rule about the client. Once a session has ended, its owner is refused as well, for the reason it ended. */
const RULES: readonly string[] = [
  "IpAddressNotAllowed",
  "IpAddressBlocked",
  "UserAgentMissing",
  "UserAgentNoBrowser",
  "DeviceVerificationRequired",
];
const CHANGED: readonly string[] = ["IpAddressChanged", "UserAgentChanged"];

interface Around {
  /** All clients of the session. */
  clients: readonly SeenClient[];
  /** The user's logins to other sessions. */
  others: readonly LoginRow[];
  /** How many users' sessions an address touched. */
  usersAt: ReadonlyMap<string, number>;
}

/** What speaks for or against a client of a session being its owner. */
export function evidenceFor(client: SeenClient, { clients, others, usersAt }: Around): Evidence[] {
  const { ipAddress, device, isLogin } = client;
  const login = clients.find((one) => one.isLogin);
  const isSameBrowser = login?.device.browser === device.browser && login?.device.os === device.os;
  const hasBrowser = device.browser !== undefined || device.os !== undefined;
  const isShared = clients.some(({ events }) => events.some(({ event }) => event === "SessionShared"));
  const happened = (is: (event: SeenClient["events"][number]) => boolean) =>
    client.events.filter(is).reduce((sum, { count }) => sum + count, 0);
  const users = ipAddress === null ? 0 : (usersAt.get(ipAddress) ?? 0);

  const sameAddress = others.filter((one) => ipAddress !== null && one.ipAddress === ipAddress).length;
  const sameBrowser = others.filter(
    (one) => hasBrowser && one.browser === device.browser && one.os === device.os,
  ).length;
  const counts: Readonly<Record<Evidence["kind"], number>> = {
    loggedIn: Number(isLogin),
    loginBrowser: Number(!isLogin && hasBrowser && isSameBrowser),
    knownAddress: sameAddress,
    knownBrowser: sameBrowser,
    newToUser: Number(others.length > 0 && sameAddress + sameBrowser === 0),
    otherBrowser: Number(!isLogin && hasBrowser && !isSameBrowser),
    otherAddress: Number(!isLogin && ipAddress !== null && ipAddress !== login?.ipAddress),
    flagged: happened(({ event }) => event === "UserAgentFlagged"),
    tookTurns: Number(!isLogin && isShared),
    refused: happened(
      ({ event, reason }) =>
        event === "DeviceProofMissing" ||
        (event === "SessionRefused" && RULES.includes(reason ?? "")) ||
        (event === "SessionEnded" && CHANGED.includes(reason ?? "")),
    ),
    wrongProof: happened(({ event, reason }) => event === "SessionRefused" && reason === "DeviceVerificationFailed"),
    oldToken: happened(({ event, reason }) => event === "SessionEnded" && reason === "TokenReused"),
    manyUsers: users >= MANY_USERS ? users : 0,
  };
  return Object.entries(counts).flatMap(([kind, count]) =>
    count > 0 ? [{ kind: kind as Evidence["kind"], count }] : [],
  );
}

export function roleOf(evidence: readonly Evidence[]): IncidentClient["role"] {
  const sum = evidence.reduce((total, { kind }) => total + WEIGHTS[kind], 0);
  return sum > 0 ? "owner" : sum < 0 ? "intruder" : "unclear";
}
