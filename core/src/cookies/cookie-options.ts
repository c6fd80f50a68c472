import { z } from "zod";
import type { CookiePlace, CookieSettings } from "./cookie-line.ts";

/** The session cookie's name, place and attributes. It is always HttpOnly. */
export interface CookieOptions {
  /**
   * Default: `__Host-sessionToken`; `sessionToken` with `secure: false`. Without `__Host-`, subdomains can plant
   * cookies of this name.
   */
  name?: string;
  /** Also sent to the subdomains of this domain. Not allowed with a `__Host-` name. Default: this host only. */
  domain?: string;
  /** Default: `/`. */
  path?: string;
  /** Default: true. False is for development without https, and is refused if NODE_ENV is production. */
  secure?: boolean;
  /** Default: `lax`. */
  sameSite?: "lax" | "strict" | "none";
  /** Keeps one cookie for each top-level site (CHIPS). Default: false. */
  partitioned?: boolean;
  /**
   * Where earlier versions of the application set the cookie: cleared at logout, which ends those sessions too. To a
   * browser one that is partitioned and one that is not are two cookies, so `partitioned` belongs to the place.
   */
  previous?: { name?: string; domain?: string; path?: string; partitioned?: boolean }[];
}

const name = z.string().regex(/^[\w!#$%&'*+.^`|~-]+$/, {
  error: "expected a cookie name: letters, digits and !#$%&'*+-.^_`|~",
});
const domain = z.string().regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i, {
  error: "expected a host name such as example.com, in its ASCII form (xn--…), without a scheme, port or leading dot",
});
const path = z.string().regex(/^\/[\x21-\x3a\x3c-\x7e]*$/, {
  error: "expected a path that starts with /, percent-encoded where it is not ASCII, and without a semicolon",
});
const partitioned = z.boolean({ error: "expected true or false" });

export const cookieSchema = z.strictObject({
  name: name.optional(),
  domain: domain.optional(),
  path: path.optional(),
  secure: z.boolean({ error: "expected true or false" }).optional(),
  sameSite: z.enum(["lax", "strict", "none"], { error: 'expected "lax", "strict" or "none"' }).optional(),
  partitioned: partitioned.optional(),
  previous: z
    .array(
      z.strictObject({
        name: name.optional(),
        domain: domain.optional(),
        path: path.optional(),
        partitioned: partitioned.optional(),
      }),
    )
    .optional(),
});

/** Why browsers would drop the cookie, and every login with it. Empty if the options are fine. */
export function cookieProblems(options: CookieOptions, production: boolean): string[] {
  const problems: string[] = [];
  const place = placeOf(options);
  if (!place.secure && production) {
    problems.push("`cookie.secure`: false sends session tokens over plain http; remove it when NODE_ENV is production");
  }
  if (place.sameSite === "none" && !place.secure) {
    problems.push('`cookie.sameSite`: browsers drop "none" without Secure; remove `secure: false`');
  }
  problems.push(...placeProblems("cookie", place));
  previousPlaces(options).forEach((one, i) => {
    problems.push(...placeProblems(`cookie.previous.${i}`, one));
  });
  return problems;
}

/** An earlier place inherits unset attributes from the current one, but never its domain and path. */
function previousPlaces(options: CookieOptions): CookiePlace[] {
  const { domain: _domain, path: _path, ...shared } = options;
  return (options.previous ?? []).map((one) => placeOf({ ...shared, ...one }));
}

function placeProblems(option: string, place: CookiePlace): string[] {
  const problems = prefixProblems(`${option}.name`, place);
  if (place.partitioned && !place.secure) {
    problems.push(`\`${option}.partitioned\`: browsers drop it without Secure; remove \`secure: false\``);
  }
  return problems;
}

/** Browsers enforce the rules of the prefixes (RFC 6265bis, section 4.1.3), in upper and lower case. */
function prefixProblems(option: string, { name, domain, path, secure }: CookiePlace): string[] {
  const lower = name.toLowerCase();
  if (!lower.startsWith("__host-") && !lower.startsWith("__secure-")) return [];
  if (!secure) return [`\`${option}\`: browsers drop ${name} without Secure; choose a name without the prefix`];
  if (lower.startsWith("__host-") && (domain !== undefined || path !== "/")) {
    return [
      `\`${option}\`: browsers drop ${name} with a domain or a path other than "/"; ` +
        'name it "__Secure-sessionToken", or leave domain and path out',
    ];
  }
  return [];
}

export function resolveCookie(options: CookieOptions, production: boolean): CookieSettings {
  const place = placeOf(options);
  const asBrowsersPrefer = options.name === undefined && options.secure === undefined && options.domain === undefined;
  return {
    place,
    previous: previousPlaces(options),
    ...(asBrowsersPrefer && !production && { onLocalhost: placeOf({ ...options, secure: false }) }),
  };
}

function placeOf(options: CookieOptions): CookiePlace {
  const secure = options.secure ?? true;
  return {
    secure,
    name: options.name ?? (secure ? "__Host-sessionToken" : "sessionToken"),
    domain: options.domain,
    path: options.path ?? "/",
    sameSite: options.sameSite ?? "lax",
    partitioned: options.partitioned ?? false,
  };
}
