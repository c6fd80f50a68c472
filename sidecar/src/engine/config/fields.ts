import { z } from "zod";
import { isCidr, withoutHostBits } from "../policy/ip-address.ts";

/** An object with only these keys; the message for an unknown key lists them. */
export function knownKeys<S extends z.ZodRawShape>(shape: S) {
  const known = Object.keys(shape).join(", ");
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys" ? `unknown key; expected one of: ${known}` : "expected an object",
  });
}

export function wholeNumber(min: number, max: number, unit = "") {
  const error = `expected a whole number${unit} from ${min} to ${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
}

export function secs(min: number, max: number) {
  return wholeNumber(min, max, " of seconds");
}

export function oneOf<const W extends readonly [string, ...string[]]>(words: W) {
  return z.enum(words, { error: `expected ${words.map((word) => `"${word}"`).join(", ")}` });
}

export function text(expected: string, accepts: (value: string) => boolean = (value) => value !== "") {
  return z.string({ error: expected }).refine(accepts, { error: expected });
}

/** A list of at most `most` entries. A longer one is refused before its entries are checked. */
export function listOf<S extends z.ZodType>(entry: S, most: number, error: string) {
  return z
    .array(z.unknown(), { error })
    .max(most, { error: `expected at most ${most} entries`, abort: true })
    .pipe(z.array(entry, { error }));
}

export const flag = z.boolean({ error: "expected true or false" });

export const cidr = text('expected an IP address or a CIDR as "203.0.113.0/24" or "2001:db8::/32"', isCidr);

/** A CIDR with host bits is often meant as a single address, so the warning says how it was read. */
export function hostBitWarningsOf(cidrs: readonly string[], at: (index: number) => string): string[] {
  return cidrs.flatMap((text, index) => {
    const masked = withoutHostBits(text);
    return masked ? [`${at(index)}: "${text}" has host bits and is read as ${masked}`] : [];
  });
}
