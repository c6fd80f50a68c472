/** A test that shows what an attack comes to. */
export interface ShownBy {
  /** As it is written in the source. */
  readonly name: string;
  /** Where it is written: what the table links to. */
  readonly source: string;
  /** Where it ran: a file, or the folder of the files that run it once for each host. */
  readonly ranIn: string;
}

/** A row of the table in docs/security.md. */
export interface Attack {
  readonly attack: string;
  /** What the attacker has to begin with. */
  readonly has: string;
  readonly gets: string;
  readonly shownBy: readonly ShownBy[];
}

const NOTHING = "nothing";
const COOKIE = "session cookie";
const JAR = "cookie jar";

/** What is tried, by what the attacker has. The table is written from a run in which every test here has passed. */
export const ATTACKS: readonly Attack[] = [
  row("Any method, path, header, query, cookie and body on a request without a session", NOTHING, "nothing", [
    inputs("no cookie"),
    inputs("a cookie that was never issued"),
  ]),
  row("Guess a token, or invent one around a session id that is known", "a session id", "nothing", [
    test(
      "security/tokens.test.ts",
      "04 a right id with any other secret is NotFound, whatever its length, and changes nothing",
    ),
    test("security/tokens.test.ts", "05 ids and tokens of the caller are never adopted"),
  ]),
  row("Cut the sidecar off, or its database", NOTHING, "nothing: 503, and nobody is logged out", [
    test(
      "security/web-cookies.test.ts",
      "18 without its sidecar the app answers 503, keeps the cookie and runs no handler",
    ),
    test("security/failing-closed.test.ts", "18 rows that cannot be decrypted let nobody in"),
  ]),
  row("Send the user somewhere else after the log-in, by `returnTo`", "a link that the user follows", "nothing", [
    test(
      "security/return-to.test.ts",
      "gives an address on this site, whatever it is given and wherever it is resolved",
    ),
  ]),

  row("Make the victim's browser send a change", "another site, or a sub-domain", "nothing: no handler runs", [
    inputs("a change that another site makes the browser send"),
    conformance("ready-made-routes", "GET /session/logout is 405 and logs nobody out"),
  ]),
  row("Open a WebSocket in the victim's name", "another site", "nothing", [
    conformance("upgrades", "an upgrade from a page of another origin is refused"),
  ]),
  row(
    "Plant a cookie, under the default `__Host-` name",
    "a sub-domain",
    "nothing: browsers take no such cookie from there",
    [
      test(
        "security/web-cookies.test.ts",
        "40 and 42: every Set-Cookie has its attributes, and no answer with one can be stored",
      ),
      test("security/web-cookies.test.ts", "41 production refuses secure: false and cookies that browsers would drop"),
    ],
  ),
  row(
    "Plant junk, under another name",
    "a sub-domain",
    "nothing, up to seven values of the right form and any number of others",
    [
      conformance("several-cookies", "junk does not count, however much of it and wherever it stands"),
      conformance("several-cookies", "seven forged ones do not hide the good one, end it or clear it"),
    ],
  ),
  row(
    "Plant more than seven values of the right form, under another name",
    "a sub-domain",
    "the user is refused while they are there, and told why; the session lives, and a log-out ends it",
    [
      conformance("several-cookies", "ConflictingCookies: more than eight are not examined, and nothing is cleared"),
      conformance(
        "several-cookies",
        "log-out ends every session that was presented, also beyond eight and under an earlier name",
      ),
    ],
  ),
  row(
    "Plant a session of the attacker's own beside the user's, under another name",
    "a sub-domain and an account",
    "both sessions end; no request runs as the attacker",
    [
      conformance(
        "several-cookies",
        "ConflictingCookies: two different valid sessions, neither counts, both are cleared",
      ),
      conformance(
        "several-cookies",
        "ConflictingCookies: the one that clearing does not reach does not run the next request",
      ),
    ],
  ),
  row(
    "Plant a session before the victim logs in",
    "a sub-domain and an account",
    "nothing afterwards: the log-in ends it",
    [
      test(
        "security/web-cookies.test.ts",
        "08 fixation: a session planted before the login is not the user's afterwards, and is dead",
      ),
      conformance("several-cookies", "login ends every session that was presented"),
    ],
  ),

  row("Use a session that was logged out", COOKIE, "nothing, on every replica", [
    inputs("an ended session"),
    test("security/life.test.ts", "09 a cookie that was logged out is dead on every replica, for every command"),
  ]),
  row(
    "Replay a token that was replaced",
    "an old session cookie",
    "within the grace what the owner has, and no newer token; after it the end of the session for both, with both addresses in the trail",
    [
      test("security/rotation.test.ts", "19 a thief with an old token within the grace is given no newer one"),
      test(
        "security/rotation.test.ts",
        "19 a copied token that is replayed after the grace ends the session for both, and the log says why",
      ),
      test("security/rotation.test.ts", "19 a token three generations old is still known as stolen"),
    ],
  ),
  row(
    "Ride along on a session without a device: ask all the time with the current token",
    COOKIE,
    "**the session**, up to its absolute end; `SessionShared` tells, and a policy can end it",
    [
      test("sidecar/shared-session.test.ts", "is flagged by default, and lives"),
      test("sidecar/shared-session.test.ts", "is ended where the policy says so"),
    ],
  ),
  row(
    "Bind a key of the thief's own to a session, on its third day",
    COOKIE,
    "nothing: five minutes after the log-in only a new authentication opens that again",
    [
      conformance(
        "devices",
        "five minutes after the login no device is registered, until the user has authenticated again",
      ),
      test(
        "sidecar/devices-registration.test.ts",
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
      conformance(
        "client-address",
        "is that of the last hop that is not trusted: a forged left-most one does not count",
      ),
    ],
  ),
  row(
    "Pretend that a request of a session with a device is a page load, a prefetch, a preflight, local, or another method",
    COOKIE,
    "nothing: no data, no change, no ready-made route",
    [
      inputs("a copied cookie of a session with a device"),
      conformance("devices", "no evidence: nothing that the client says of the request makes it pass"),
      conformance("devices", "the ready-made routes need the proof, but for the log-out"),
    ],
  ),
  row(
    "Rotate or end a session with a device, or keep it from going idle",
    COOKIE,
    "**one log-out**, and nothing by it",
    [
      test(
        "sidecar/devices-rotation.test.ts",
        "who holds a token of any age can by no validation use, rotate or end the session",
      ),
      test(
        "sidecar/devices-rotation.test.ts",
        "may log out: any genuine token ends the session, and the trail says how",
      ),
      test(
        "sidecar/device-cookie.test.ts",
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
        "ConflictingCookies: a session that refuses the request gives no place to another",
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
      test("sidecar/devices-replay.test.ts", "serves once also when it is sent 20 times at once"),
      test("security/proofs-across-replicas.test.ts", "33 after the replica that saw it was killed"),
    ],
  ),
  row(
    "Use a copied jar, device cookie and all, of a session with a device",
    JAR,
    "**pages marked `recent`**, for what is left of ten minutes since the last proof; nothing marked `proof`, no rotation, no log-out of others",
    [
      inputs("a copied cookie jar of a session with a device"),
      conformance(
        "devices",
        "recent evidence lets in where the route says so, reads nothing elsewhere, and never rotates",
      ),
      test("sidecar/device-cookie.test.ts", "ends with its time, with a tightened policy's, and with its session"),
      test("sidecar/device-cookie.test.ts", "does not keep a session from going idle, and a proof does"),
    ],
  ),
  row("Use a device cookie with another session, or a forged one", JAR, "nothing", [
    conformance(
      "devices",
      "a device cookie of another session, a forged one and one beside an unbound session are worth nothing",
    ),
    test(
      "sidecar/device-cookie.test.ts",
      "is worth nothing beside another session of the same device, nor beside a token that was replaced",
    ),
  ]),
  row(
    "Take the device key along",
    "script in the page, while it is open",
    "**the use of the session and of the key** while the page is open; neither to take away",
    [test("browser/example-devices.test.ts", "has one key for two tabs, which no script can take along")],
  ),

  row("Get past `tags` or `maxAuthAgeSecs` of a guard", "an account", "nothing", [
    inputs("a session without the tag"),
    inputs("a log-in that is too long ago"),
  ]),
  row("End or read other users' sessions, or take tags by a form that is passed on whole", "an account", "nothing", [
    test("security/web-cookies.test.ts", "14 a user lists and ends own sessions only; another's id is 404 and lives"),
    test(
      "security/web-requests.test.ts",
      "49 and 50: a body that an app passes on whole sets neither prototypes nor fields",
    ),
  ]),

  row("Run other commands than the key is for", "a limited key", "nothing", [
    test("security/api-access.test.ts", "47 a key for some commands runs no other one"),
  ]),
  row(
    "Leave the device out of a check",
    "a limited key without `device:ignore`",
    "nothing, by no carrier and no spelling",
    [
      test("sidecar/device-ignore.test.ts", "is refused under a limited key, whatever else is in the command"),
      test("sidecar/device-ignore.test.ts", "is refused on the fast path too"),
    ],
  ),
  row("Go on with a key that was revoked", "a revoked key", "a second at most", [
    test(
      "security/api-access.test.ts",
      "47 a key is refused within a second of being revoked, and a restart does not bring it back",
    ),
  ]),

  row(
    "Reach the dashboard on 0.0.0.0 by `Host: localhost` or a proxy's headers",
    "a place in its network",
    "nothing: the ends of the connection count, and headers only take away",
    [
      test("dashboard/api/reach.test.ts", "on $HOST, where the operator has said $said"),
      test("dashboard/api/reach.test.ts", "is refused with any header that proxies add, whatever it says"),
    ],
  ),
  row(
    "Log in as the owner with the first password of the documents",
    "a place in its network",
    "nothing: there it is random, and the well-known one is refused",
    [
      test("dashboard/api/first-password.test.ts", "counts from this machine only, whatever the settings are by now"),
      test(
        "dashboard/api/first-password.test.ts",
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
        "security/dashboard.test.ts",
        "46: a login is slowed down for an account and for an address, and never shut out for longer than a minute",
      ),
      test("dashboard/api/login.test.ts", "from many addresses keep nobody out who has been there before"),
    ],
  ),
  row(
    "Make validations wait by the worst text of a policy, exports or searches",
    "a read-only dashboard user",
    "an error and a deadline; validations go on",
    [
      test(
        "security/hostile-reader.test.ts",
        "51: a user of the dashboard who may only read cannot make validations wait, whatever he sends",
      ),
    ],
  ),
  row("Change anything in the dashboard from another site", "another site", "nothing", [
    test(
      "security/dashboard.test.ts",
      "43: nothing of the dashboard can be made from another site, not even to log in or out",
    ),
  ]),

  row(
    "Take a live token or key from a dump, a log or a metric",
    "a dump of the database, the logs",
    "user ids, addresses, tags and metadata; no token and no key",
    [
      test(
        "security/tokens.test.ts",
        "03 a dump of the database and the log hold no live token, in no spelling; the successor neither",
      ),
      test(
        "security/secrets.test.ts",
        "59 and 03: canaries are in no log line, metric, error or database row, as text, hex or base64",
      ),
    ],
  ),
];

function row(attack: string, has: string, gets: string, shownBy: readonly ShownBy[]): Attack {
  return { attack, has, gets, shownBy };
}

function test(file: string, name: string): ShownBy {
  return { name, source: `test/${file}`, ranIn: `test/${file}` };
}

/** A case of the conformance, on every host that can meet it. */
function conformance(cases: string, name: string): ShownBy {
  return { name, source: `test/conformance/cases/${cases}.ts`, ranIn: "test/conformance/" };
}

/** The property test over everything that a client sends, from one state, on every host. */
function inputs(state: string): ShownBy {
  return {
    name: `${state}: no input makes it pass`,
    source: "test/client-inputs/states.ts",
    ranIn: "test/client-inputs/",
  };
}
