import { type Attack, conformance, inputs, methodOverride, row, test } from "./attack.ts";

const NOTHING = "nothing";
const backchannel = (name: string) => test("behaviour/client/backchannel-logout.test.ts", name);

/** Attackers with nothing, with another site or with a subdomain. */
export const STRANGERS: readonly Attack[] = [
  row("Any method, path, header, query, cookie and body on a request without a session", NOTHING, "nothing", [
    inputs("no cookie"),
    inputs("a cookie that was never issued"),
  ]),
  row(
    "Lead a request around Next's proxy, by `next-router-prefetch` or any other header",
    NOTHING,
    "nothing: pages, handlers and actions have guards of their own",
    [
      test("frameworks/next/headers.test.ts", "no header of a client opens a guard > of %s"),
      test("frameworks/next/headers.test.ts", "no header of a client opens a guard > of the action of %s"),
    ],
  ),
  row("Forge or replay the word between Next's proxy and server", "nothing, or an account", "nothing", [
    test("frameworks/next/server.test.ts", "the hand-over > is the proxy's own also when the request brings one along"),
    test(
      "frameworks/next/server.test.ts",
      "the hand-over > counts for nothing when it is replayed to another path, also after a logout",
    ),
  ]),
  row("Guess a token, or invent one around a session id that is known", "a session id", "nothing", [
    test(
      "proofs/security/tokens.test.ts",
      "04 a right id with any other secret is NotFound, whatever its length, and changes nothing",
    ),
    test("proofs/security/tokens.test.ts", "05 ids and tokens of the caller are never adopted"),
  ]),
  row("Forge a stateless token", NOTHING, "nothing", [
    test(
      "behaviour/client/verify-stateless-token.test.ts",
      "a token that is not > signed with nothing, under every spelling",
    ),
    test("behaviour/client/verify-stateless-token.test.ts", "signed with the public key as if it were a secret"),
    test(
      "behaviour/client/verify-stateless-token.test.ts",
      "signed with another key, under the id of ours, under its own and carrying itself",
    ),
  ]),
  row("Cut the sidecar off, or its database", NOTHING, "nothing: 503, and nobody is logged out", [
    test(
      "proofs/security/web-cookies.test.ts",
      "18 without its sidecar the app answers 503, keeps the cookie and runs no handler",
    ),
    test("proofs/security/failing-closed.test.ts", "18 rows that cannot be decrypted let nobody in"),
  ]),
  row("Send the user somewhere else after the login, by `returnTo`", "a link that the user follows", "nothing", [
    test(
      "proofs/security/return-to.test.ts",
      "gives an address on this site, whatever it is given and wherever it is resolved",
    ),
  ]),
  row("Make the victim's browser send a change", "another site, or a subdomain", "nothing: no handler runs", [
    inputs("a change that another site makes the browser send"),
    conformance("ready-made-routes", "GET /session/logout is 405 and logs nobody out"),
    methodOverride,
  ]),
  row("Open a WebSocket in the victim's name", "another site", "nothing", [
    conformance("upgrades", "an upgrade from a page of another origin is refused"),
  ]),
  row(
    "Plant a cookie, under the default `__Host-` name",
    "a subdomain",
    "nothing: browsers take no such cookie from there",
    [
      test(
        "proofs/security/web-cookies.test.ts",
        "40 and 42: every Set-Cookie has its attributes, and no answer with one can be stored",
      ),
      test(
        "proofs/security/web-cookies.test.ts",
        "41 production refuses secure: false and cookies that browsers would drop",
      ),
    ],
  ),
  row(
    "Plant junk, under another name",
    "a subdomain",
    "nothing, up to seven values of the right form and any number of others",
    [
      conformance("several-cookies", "junk does not count, however much there is and wherever it stands"),
      conformance("several-cookies", "seven forged ones do not hide the good one, end it or clear it"),
    ],
  ),
  row(
    "Plant more than seven values of the right form, under another name",
    "a subdomain",
    "the user is refused while they are there, and told why; the session lives, and a logout ends it",
    [
      conformance("several-cookies", "ConflictingCookies: more than eight are not examined, and nothing is cleared"),
      conformance(
        "several-cookies",
        "logout ends every session that was presented, also beyond eight and under an earlier name",
      ),
    ],
  ),
  row(
    "Plant a session of the attacker's own beside the user's, under another name",
    "a subdomain and an account",
    "both sessions end; no request runs as the attacker",
    [
      conformance(
        "several-cookies",
        "ConflictingCookies: of two different valid sessions neither counts, and both are cleared",
      ),
      conformance(
        "several-cookies",
        "ConflictingCookies: a cookie that clearing does not reach is not used by the next request",
      ),
    ],
  ),
  row(
    "Plant a session before the victim logs in",
    "a subdomain and an account",
    "nothing afterwards: the login ends it",
    [
      test(
        "proofs/security/web-cookies.test.ts",
        "08 fixation: a session planted before the login is not the user's afterwards, and is dead",
      ),
      conformance("several-cookies", "login ends every session that was presented"),
    ],
  ),
  row(
    "Log users out by a forged logout token, or one for another application",
    "nothing, or a logout token of another application",
    "nothing",
    [
      conformance("backchannel-logout", "a logout token that the specification forbids is refused, and ends nothing"),
      backchannel("of one of several providers end by that one's tokens only"),
    ],
  ),
  row("Log a user out again", "a logout token that was used", "nothing, on every replica", [
    backchannel("is carried out once, however many replicas get it at the same time"),
    backchannel("is refused on another replica too, after a new login"),
  ]),
  row("Send a logout request from a page, or in a form that is read in two ways", "another site", "nothing", [
    conformance("backchannel-logout", "a logout request in another form is refused, and ends nothing"),
    backchannel("the body of the request > may have been parsed before the middleware"),
  ]),
  row(
    "Keep logout tokens from being verified, by unknown keys or a provider whose keys never come",
    NOTHING,
    "one fetch of the keys per second; the provider gets 503, and the same token counts later",
    [
      backchannel("cannot be made to be fetched more than once a second"),
      backchannel("that %s: 503, and the same token counts later"),
    ],
  ),
];
