import { type Attack, impersonation, inputs, methodOverride, row, test } from "./attack.ts";

/** Attackers with an account, a key, a place in the network or a copy of the data. */
export const INSIDERS: readonly Attack[] = [
  row("Get past `tags` or `maxAuthAgeSecs` of a guard", "an account", "nothing", [
    inputs("a session without the tag"),
    inputs("a login that is too long ago"),
  ]),
  row("End or read other users' sessions, or take tags by a form that is passed on whole", "an account", "nothing", [
    test(
      "proofs/security/web-cookies.test.ts",
      "14 a user lists and ends own sessions only; another's id is 404 and lives",
    ),
    test(
      "proofs/security/web-requests.test.ts",
      "49 and 50: a body that an app passes on whole sets neither prototypes nor fields",
    ),
  ]),
  row("Run other commands than the key is for", "a limited key", "nothing", [
    test("proofs/security/api-access.test.ts", "47 a key for some commands runs no other one"),
  ]),
  row(
    "Act as a user without being on the list of employees, by another spelling of an address",
    "an application that passes on the address of the attacker",
    "nothing",
    [
      impersonation("is not %s, who is not on the list"),
      impersonation("is not %j, which is no plain address"),
      impersonation("nobody acts as themselves, from an ended session, or while acting as a user"),
    ],
  ),
  row(
    "Go on acting as a user after losing the permission, or after logging out",
    "the session of an employee",
    "a second at most",
    [
      impersonation("reaches those who act as users: removed, put back, another rule"),
      impersonation("it ends when the employee %s"),
    ],
  ),
  row(
    "Change something as a user where employees may only read, whatever the request pretends to be",
    "the session of an employee",
    "nothing",
    [
      inputs("an employee who acts as a user and may only read"),
      inputs("an employee who acts as a user where that is refused"),
      methodOverride,
    ],
  ),
  row("Go on as a user over a socket after the impersonation", "the session of an employee", "nothing: none opens", [
    test("frameworks/express/impersonation.test.ts", "no WebSocket opens, and nothing is watched"),
    test(
      "frameworks/express/impersonation.test.ts",
      "no socket opens where it may change something either, nor over polling",
    ),
  ]),
  row(
    "Have the sidecar call an address that only it reaches, by a webhook's address, its name or a redirect",
    "an admin of the dashboard, or the receiver of a webhook",
    "nothing, except for the addresses in `WEBHOOK_PRIVATE_TARGETS`",
    [
      test("behaviour/sidecar/webhooks/targets.test.ts", "a target is refused when it is entered > %s"),
      test(
        "behaviour/sidecar/webhooks/targets.test.ts",
        "resolves names and checks what it connects to, whatever the name was when it was entered",
      ),
      test(
        "behaviour/sidecar/webhooks/targets.test.ts",
        "does not follow redirects, and reads no more than it needs of an answer",
      ),
    ],
  ),
  row(
    "Leave the device out of a check",
    "a limited key without `device:ignore`",
    "nothing, by no carrier and no spelling",
    [
      test(
        "behaviour/sidecar/devices/ignore.test.ts",
        "is refused under a limited key, whatever else is in the command",
      ),
      test("behaviour/sidecar/devices/ignore.test.ts", "is refused on the fast path too"),
    ],
  ),
  row("Go on with a key that was revoked", "a revoked key", "a second at most", [
    test(
      "proofs/security/api-access.test.ts",
      "47 a key is refused within a second of being revoked, and a restart does not bring it back",
    ),
  ]),
  row(
    "Reach the dashboard on 0.0.0.0 by `Host: localhost` or a proxy's headers",
    "a place in its network",
    "nothing: the ends of the connection count, and headers only take away",
    [
      test("behaviour/dashboard/api/reach.test.ts", "on $HOST, where the operator has said $said"),
      test("behaviour/dashboard/api/reach.test.ts", "is refused with any header that proxies add, whatever it says"),
    ],
  ),
  row(
    "Log in as the owner with the first password of the documents",
    "a place in its network",
    "nothing: there it is random, and the well-known one is refused",
    [
      test(
        "behaviour/dashboard/api/first-password.test.ts",
        "counts from this machine only, whatever the settings are by now",
      ),
      test(
        "behaviour/dashboard/api/first-password.test.ts",
        "which is another one on each installation, in a folder that nobody else reads and git leaves out",
      ),
    ],
  ),
  row(
    "Guess passwords of the dashboard, or lock its users out by guessing",
    "a place in its network",
    "nothing: guesses are slowed down, and nobody is kept out who has been there before",
    [
      test(
        "proofs/security/dashboard.test.ts",
        "46: a login is slowed down for an account and for an address, and never shut out for longer than a minute",
      ),
      test("behaviour/dashboard/api/login.test.ts", "from many addresses keep nobody out who has been there before"),
    ],
  ),
  row(
    "Make validations wait by the worst text of a policy, exports or searches",
    "a read-only dashboard user",
    "an error and a deadline; validations go on",
    [
      test(
        "proofs/security/hostile-reader.test.ts",
        "51: a user of the dashboard who may only read cannot make validations wait, whatever they send",
      ),
    ],
  ),
  row("Change anything in the dashboard from another site", "another site", "nothing", [
    test(
      "proofs/security/dashboard.test.ts",
      "43: nothing of the dashboard can be made from another site, not even to log in or out",
    ),
  ]),
  row(
    "Take a live token or key from a dump, a log or a metric",
    "a dump of the database, the logs",
    "user ids, addresses, tags and metadata; no token and no key",
    [
      test(
        "proofs/security/tokens.test.ts",
        "03 a dump of the database and the log hold no live token, in no spelling; the successor neither",
      ),
      test(
        "proofs/security/secrets.test.ts",
        "59 and 03: canaries are in no log line, metric, error or database row, as text, hex or base64",
      ),
    ],
  ),
];
