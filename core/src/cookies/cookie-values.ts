/** The values of one cookie name in a `Cookie` header. */
export type CookieValues = (header: string) => readonly string[];

const NONE: readonly string[] = [];

/**
 * Reads all values of one name: cookie parsers keep only the first, which a subdomain may have planted. Pairs end at each
 * semicolon, even inside quotes (RFC 6265, section 5.4): a parser that reads on to the next quote can be tricked into
 * hiding cookies.
 */
export function valuesOf(name: string): CookieValues {
  const start = `${name}=`;
  return (header) => {
    let at = header.indexOf(start);
    // The usual request has none of most names, and one of the others.
    if (at === -1) return NONE;
    const values: string[] = [];
    while (at !== -1) {
      let next = at + 1;
      if (beginsPair(header, at)) {
        const end = header.indexOf(";", at);
        next = end === -1 ? header.length : end;
        values.push(decode(unquote(trim(header, at + start.length, next))));
      }
      // Searching what is left costs as much as finding the value, and the last pair leaves nothing.
      at = next < header.length ? header.indexOf(start, next) : -1;
    }
    return values;
  };
}

function beginsPair(header: string, at: number): boolean {
  let before = at - 1;
  while (before >= 0 && isSpace(header[before])) before--;
  return before < 0 || header[before] === ";";
}

/** Only spaces and tabs, as HTTP defines whitespace: `trim()` would remove more. */
function trim(header: string, from: number, to: number): string {
  let first = from;
  let end = to;
  while (first < end && isSpace(header[first])) first++;
  while (end > first && isSpace(header[end - 1])) end--;
  return header.slice(first, end);
}

function isSpace(character: string | undefined): boolean {
  return character === " " || character === "\t";
}

/** A value may be quoted; the quotes are not part of it (RFC 6265, section 4.1.1). */
function unquote(value: string): string {
  return value.length > 1 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;
}

function decode(value: string): string {
  if (!value.includes("%")) return value;
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
