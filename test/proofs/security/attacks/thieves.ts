import { type Attack, conformance, impersonation, inputs, row, test } from "./attack.ts";

const COOKIE = "session cookie";
const JAR = "cookie jar";

/** Attackers with a copy of cookies, or with script in the page. */
export const THIEVES: readonly Attack[] = [
  row("Use a session that was logged out", COOKIE, "nothing, on every replica", [
    inputs("an ended session"),
    test("proofs/security/life.test.ts", "09 a cookie that was logged out is dead on every replica, for every command"),
  ]),
  row(
    "Use a stateless token after the logout",
    "a stateless token",
    "**what its service gives**, until it expires or its key is replaced; at other services nothing",
    [
      test(
        "behaviour/client/verify-stateless-token.test.ts",
        "a token that is not > expired, too old, or not valid yet",
      ),
      test(
        "behaviour/client/verify-stateless-token.test.ts",
        "made for others: a foreign issuer or audience, one that is missing, and one that was not asked for",
      ),
      test(
        "behaviour/client/stateless-tokens.test.ts",
        "in an emergency the new key signs and the old ones are gone at once, also those of a rotation under way",
      ),
    ],
  ),
  row(
    "Act as a user with a stolen impersonation token",
    "an impersonation token",
    "nothing without the employee's session. **If the app passes no `employeeSessionId`**: what the employee can do, from the same address and browser, until the impersonation ends",
    [
      impersonation("with the employee's own session > an impersonation works with that session only"),
      impersonation("with the employee's own session > it ends when that session is not used"),
      test("behaviour/client/impersonation.test.ts", "IpAddressMismatch: another address, or none; it lives on"),
      test("behaviour/client/impersonation.test.ts", "UserAgentMismatch: another browser; it lives on"),
    ],
  ),
  row(
    "Replay a token that was replaced",
    "an old session cookie",
    "within the grace what the owner has, and no newer token; after it the end of the session for both, with both addresses in the trail",
    [
      test("proofs/security/rotation.test.ts", "19 a thief with an old token within the grace gets no newer one"),
      test(
        "proofs/security/rotation.test.ts",
        "19 a copied token that is replayed after the grace ends the session for both, and the log says why",
      ),
      test("proofs/security/rotation.test.ts", "19 a token three generations old is still known as stolen"),
    ],
  ),
  row(
    "Ride along on a session without a device: ask all the time with the current token",
    COOKIE,
    "**the session**, up to its absolute end; `SessionShared` tells, and a policy can end it",
    [
      test("behaviour/sidecar/sessions/shared-session.test.ts", "is flagged by default, and lives"),
      test("behaviour/sidecar/sessions/shared-session.test.ts", "is ended where the policy says so"),
    ],
  ),
  row(
    "Bind a key of the thief's own to a session, on its third day",
    COOKIE,
    "nothing: five minutes after the login only a new authentication opens that again",
    [
      conformance(
        "devices",
        "five minutes after the login no device is registered, until the user has authenticated again",
      ),
      test(
        "behaviour/sidecar/devices/registration.test.ts",
        "is five minutes unless the policy says otherwise: later a thief of the cookie would bind a key of their own",
      ),
    ],
  ),
  row(
    "Use a session from an address that its policy does not allow, whatever `X-Forwarded-For` says first",
    COOKIE,
    "nothing",
    [
      inputs("a session from an address that its tag does not allow"),
      conformance("client-address", "the address of the last untrusted hop counts: a forged left-most one does not"),
    ],
  ),
  row(
    "Pretend that a request of a session with a device is a page load, a prefetch, a preflight, local, or another method",
    COOKIE,
    "nothing: no data, no change, no ready-made route",
    [
      inputs("a copied cookie of a session with a device"),
      conformance("devices", "no evidence: nothing that the client says of the request makes it pass"),
      conformance("devices", "no evidence: 401 for every call, also where the route is open; the cookie stays"),
    ],
  ),
  row(
    "Rotate or end a session with a device, or keep it from going idle",
    COOKIE,
    "**one logout**, and nothing by it",
    [
      test(
        "behaviour/sidecar/devices/rotation.test.ts",
        "with a token of any age, no validation can use, rotate or end the session",
      ),
      test(
        "behaviour/sidecar/devices/rotation.test.ts",
        "may log out: any genuine token ends the session, and the trail says how",
      ),
      test(
        "behaviour/sidecar/devices/cookie.test.ts",
        "is DeviceProofMissing in the trail, once a minute with its count, and changes nothing",
      ),
    ],
  ),
  row(
    "Open a WebSocket of a session with a device",
    COOKIE,
    "nothing: it takes a ticket, which is asked for with a proof and serves once",
    [conformance("upgrades", "an upgrade of a bound session needs a ticket, of its own, which serves once")],
  ),
  row(
    "Put a session of the thief's own beside the stolen one",
    "session cookie and an account",
    "nothing as the owner; both sessions end",
    [
      inputs("a copied cookie beside a session of the thief's own"),
      conformance(
        "several-cookies",
        "ConflictingCookies: a session that refuses the request is not replaced by another",
      ),
    ],
  ),
  row(
    "Send a proof that the owner has used, one for another address or method, or one by the thief's own key",
    "session cookie and a used proof",
    "nothing",
    [
      conformance(
        "devices",
        "another key, another URL, another method: DeviceVerificationFailed, and the session lives on",
      ),
      test("behaviour/sidecar/devices/replay.test.ts", "serves once also when it is sent 20 times at once"),
      test("proofs/security/proofs-across-replicas.test.ts", "33 after the replica that saw it was killed"),
    ],
  ),
  row(
    "Use a copied jar, device cookie and all, of a session with a device",
    JAR,
    "**routes marked `recent`**, forms included, for what is left of ten minutes since the last proof; nothing marked `proof`, no rotation, no logout of others",
    [
      inputs("a copied cookie jar of a session with a device"),
      test(
        "behaviour/browser/recent-pages.test.ts",
        "gives a thief of all cookies the pages for what is left of ten minutes, nothing else, and then nothing",
      ),
      conformance(
        "devices",
        "recent evidence opens the routes that accept it, shows no session elsewhere, and never rotates",
      ),
      test(
        "behaviour/sidecar/devices/cookie.test.ts",
        "ends with its time, with a tightened policy's, and with its session",
      ),
      test("behaviour/sidecar/devices/cookie.test.ts", "does not keep a session from going idle, and a proof does"),
    ],
  ),
  row("Use a device cookie with another session, or a forged one", JAR, "nothing", [
    conformance(
      "devices",
      "a device cookie of another session, a forged one and one beside an unbound session do not count",
    ),
    test(
      "behaviour/sidecar/devices/cookie.test.ts",
      "is worthless with another session of the same device, and with a replaced token",
    ),
  ]),
  row(
    "Take the device key along",
    "script in the page, while it is open",
    "**the use of the session and of the key** while the page is open; neither to take away",
    [test("behaviour/browser/example-devices.test.ts", "has one key for two tabs, which no script can take along")],
  ),
];
