import { z } from "zod";

/** RFC 5321, section 4.5.3.1: a path has 256 characters, with its angle brackets. */
const MAX_EMAIL_CHARS = 254;
const LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";
const DOMAIN = new RegExp(`^${LABEL}(\\.${LABEL})*$`);

/**
 * An email address in the one spelling in which addresses are stored and compared: lower case. Undefined for anything but
 * a plain address: no display name, no comment, no quotes, no trailing dot, and only ASCII, because other letters look
 * like these or become these in lower case (the Kelvin sign becomes `k`). An international domain is written in its
 * `xn--` form.
 */
export function canonicalEmail(text: string): string | undefined {
  const isPlain = text.length <= MAX_EMAIL_CHARS && z.regexes.html5Email.test(text);
  return isPlain ? text.toLowerCase() : undefined;
}

/** A domain, as `canonicalEmail` has it behind the `@`. */
export function canonicalDomain(text: string): string | undefined {
  const domain = /^[\x21-\x7e]+$/.test(text) ? text.toLowerCase() : "";
  return domain.length <= MAX_EMAIL_CHARS && DOMAIN.test(domain) ? domain : undefined;
}
