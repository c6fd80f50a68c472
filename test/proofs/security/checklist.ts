/** One requirement of the security checklist. Its tests are those whose names begin with its number. */
export interface Requirement {
  number: string;
  requirement: string;
  /** What an attacker would do, and a test does. */
  attack: string;
  /** Why there is no test here. */
  elsewhere?: string;
}

/**
 * What is promised, with where it comes from: OWASP ASVS 5.0 (by chapter), the OWASP Session Management Cheat Sheet (CS),
 * the Copenhagen Book (CB), RFC 9700 (OAuth security), RFC 9449 (DPoP), RFC 6265bis (cookies). Numbers are kept for good, so
 * some are left out.
 */
export const CHECKLIST: readonly Requirement[] = [
  row(
    "01",
    "Tokens come from a cryptographic generator, 128 bits or more (ASVS 7.2.3)",
    "Collect a thousand tokens: look for one that comes twice and for bits that lean to one side",
  ),
  row(
    "02",
    "Tokens are opaque (CS)",
    "Decode every part and look for the user, the tags, the address; compare lengths",
  ),
  row(
    "03",
    "At rest there are only hashes (CB)",
    "Dump every column of every table and read the log: look for live tokens as text, hex and base64; move a row's salt to another session",
  ),
  row(
    "04",
    "Looked up by id, then compared in constant time (ASVS 11.2.4)",
    "Present a right id with secrets of other lengths, cases, spellings, sessions and generations",
  ),
  row(
    "05",
    "A token or id that a client invents is never adopted (CS)",
    "Validate an invented token; log in with one; ask for a chosen session id",
  ),
  row(
    "06",
    "A token counts from the cookie only",
    "Send it in the query, the path, the body, other headers and cookies of other names",
  ),
  row(
    "08",
    "A login and a re-authentication give a new token, and the one before is dead (ASVS 7.2.4)",
    "Plant a session, let the victim log in, replay the planted one",
  ),
  row(
    "09",
    "A logout ends the session on the server (ASVS 7.4.1)",
    "Replay a copy of the cookie on every replica and server, with every command",
  ),
  row("10", "Idle sessions end on the server (ASVS 7.3.1)", "Come back after the timeout with a cookie that was kept"),
  row(
    "11",
    "The absolute end moves by nothing (ASVS 7.3.2)",
    "Use, rotate and update the session up to its end, and ask for a later one",
  ),
  row("12", "Max-Age of the cookie enforces nothing", "Keep the cookie beyond its Max-Age and send it"),
  row(
    "13",
    "The limit of concurrent sessions is exact (ASVS 7.1.2, 15.4.2)",
    "Log in N + 5 times at once on two replicas",
  ),
  row(
    "14",
    "Users list and end their own sessions only (ASVS 7.5.2)",
    "Name another user's session id: the answer is that of an id that does not exist",
  ),
  row(
    "15",
    "Revoking all leaves nothing from before",
    "Revoke during parallel logins and rotations on two replicas, then try everything that was ever issued",
  ),
  row(
    "18",
    "A failure closes (ASVS 16.5.3)",
    "Cut or freeze the database, stop the sidecar, damage a row; see whether anything opens",
  ),
  row(
    "19",
    "A replay after the grace ends the session, and is audited (RFC 9700)",
    "Copy the cookie, let the owner rotate, replay the copy: after the grace, within it, three generations later",
  ),
  row(
    "20",
    "Parallel requests share one successor; nobody is logged out by them",
    "50 requests at once with one token on two replicas, and 50 first uses of the successor",
  ),
  row(
    "21",
    "Rotation is atomic across processes",
    "Kill -9 between the commit and the answer, at both steps; go on at another process",
  ),
  row(
    "22",
    "With a device, a successor is given only to a holder of its key",
    "Refresh a due session with a copied cookie: without a proof, with another key, with the check left out",
  ),
  row(
    "23",
    "A proof is exactly one compact JWT (RFC 9449 4.3)",
    "Two in one header, 2, 4 and 5 segments, padding, spaces, no signature, base64 instead of base64url",
  ),
  row(
    "24",
    "The claims of a proof have strict types",
    "iat as text, 1e308, below zero; jti as an object; everything in `__proto__`",
  ),
  row("25", "The typ of a proof is exactly dpop+jwt", "JWT, other case, application/, a list, none"),
  row(
    "26",
    "Algorithms are allowed by a list, before any key is used",
    "none, HS256 keyed with the public key, RS256, ES384, a key of another kind, crit, b64",
  ),
  row("27", "A signature is 64 raw bytes in range", "DER, 63 and 65 bytes, r or s of 0, n and above, s plus the order"),
  row(
    "28",
    "A key is public, on its curve and in its only encoding",
    "Private and symmetric members, points off the curve and of small order, other lengths and spellings",
  ),
  row(
    "29",
    "Nothing in a header leads anywhere",
    "jku, x5u, x5c, kid: a server waits for any client that follows them",
  ),
  row("30", "The method is exactly the request's", "Other methods, other case, a space behind, a Cyrillic letter"),
  row(
    "31",
    "The URL is the request's, after one normalisation",
    "Other host, port, scheme, path; user information, %2F, //, thousands of ../ and escapes",
  ),
  row(
    "32",
    "Freshness is the challenge's, by the database's clock",
    "Replicas ten years ahead and behind; a challenge that has expired",
  ),
  row("33", "A jti serves once", "Send it to two replicas at once, 100 times; for two sessions; after kill -9"),
  row("34", "A challenge cannot be invented", "Flip each of its bytes; shorten it, lengthen it, spell it otherwise"),
  row("36", "A session is bound once", "Register two devices on two replicas at once"),
  row("37", "Sizes are bounded before anything is decoded", "A proof of a mebibyte"),
  row("38", "A client repeats a request once at most", "", "in browser/test"),
  row(
    "40",
    "Every Set-Cookie has its attributes, the clearing one too (ASVS 3.3)",
    "Log in, rotate, fail, log out, present dead and invented cookies; look at every line",
  ),
  row("41", "Production refuses insecure cookies", "Start with secure: false, and with prefixes that do not hold"),
  row("42", "An answer that sets a cookie is never stored", "Rotate on a page that says it is public"),
  row(
    "43",
    "Changes from other sites are refused before any handler",
    "17 kinds of foreign Origin and Sec-Fetch-Site with every unsafe method; log out by GET",
  ),
  row("44", "CORS names trusted origins only", "Ask with origins that nearly match, by preflight too"),
  row(
    "45",
    "The dashboard runs no foreign script and cannot be framed",
    "Look for a missing header in every kind of answer, errors too; put markup into a user id, user agent and metadata",
  ),
  row(
    "46",
    "The dashboard's login is limited and says nothing of users",
    "Guess at one account and from one address; compare the answers for a person and for nobody; keep an old token",
  ),
  row(
    "47",
    "The sidecar's API is never open",
    "Call without a key, with one in the wrong place, revoked, limited; start on a public address without one or with one that can be guessed",
  ),
  row(
    "48",
    "Bodies and depth are bounded, on real bytes",
    "A chunked gigabyte, lengths that lie, smuggling, 100,000 levels, one byte at a time, answers that are not read",
  ),
  row("49", "No prototype pollution", "`__proto__` and `constructor` in metadata, patches, data and cookies"),
  row("50", "No mass assignment", "Send every column and field there is along with logins and updates"),
  row(
    "51",
    "No input costs more than 50 ms of work",
    "Adversarial user agents, cookies, targets; ids of the greatest length",
  ),
  row("52", "No injection into logs and headers", "CR, LF, NUL, U+2028, ANSI escapes in every string"),
  row(
    "53",
    "The client's address is that of the right-most untrusted hop",
    "Forge X-Forwarded-For, with and without trusted proxies",
  ),
  row(
    "54",
    "One address has one spelling",
    "IPv4 mapped into IPv6, octal, zone ids, /33, host bits (these are taken off, with a warning)",
  ),
  row(
    "55",
    "A default run connects to nobody",
    "Watch every socket and name lookup of the process while it gets addresses",
  ),
  row(
    "57",
    "Memory, rows and log are bounded under floods",
    "100,000 invented tokens, 10,000 wrong secrets on one id, 3,000 addresses on one session, 1,000 refreshes at once (a million in the long run)",
  ),
  row(
    "58",
    "One event for each action",
    "Do each thing once and many times over, make the trail unwritable; count rows and lines",
  ),
  row(
    "59",
    "No secret in logs, metrics, errors",
    "Put canaries wherever a secret can be put, also by mistake and with a database that quotes rows; search everything",
  ),
  row(
    "60",
    "Malformed input gets a typed answer",
    "10,000 fuzzed commands and requests: no crash, no trace, no 500, and nothing is changed by what is refused",
  ),
  row(
    "61",
    "Audit events cannot be edited through the API",
    "Every command and invented routes with the ids of events",
  ),
];

function row(number: string, requirement: string, attack: string, elsewhere?: string): Requirement {
  return { number, requirement, attack, ...(elsewhere !== undefined && { elsewhere }) };
}

/** The numbers that a test's name begins with: "58 …", "40 and 42: …". */
export function numbersOf(testName: string): string[] {
  const [head = ""] = /^\d\d(?:(?:, | and )\d\d)*(?=[ :])/.exec(testName) ?? [];
  return head.match(/\d\d/g) ?? [];
}
