/** A secret that must turn up nowhere. */
export interface Canary {
  name: string;
  value: string;
}

/** Which canaries are in a text (as bytes, latin1), in any encoding that a careless copy may have. */
export function foundCanaries(text: string, canaries: readonly Canary[]): string[] {
  const lowerCase = text.toLowerCase();
  return canaries.flatMap(({ name, value }) => {
    const bytes = bytesOf(value);
    const inHex = bytes.some((secret) => lowerCase.includes(secret.toString("hex")));
    const inText = bytes.some((secret) => text.includes(secret.toString("latin1")) || inBase64(text, secret));
    return inHex || inText ? [name] : [];
  });
}

/** The text itself, and what it stands for where it is base64url: a token's secret in raw bytes is as good as the token. */
function bytesOf(value: string): Buffer[] {
  const decoded = /^[\w-]{32,}={0,2}$/.test(value) ? [Buffer.from(value, "base64url")] : [];
  return [Buffer.from(value), ...decoded];
}

/** Within a longer text that was encoded as a whole, a secret has three spellings, by where it begins. */
function inBase64(text: string, secret: Buffer): boolean {
  return [0, 1, 2].some((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), secret]).toString("base64");
    // Characters at the ends also depend on the neighbours.
    const inner = encoded.slice(shift === 0 ? 0 : 4, -4);
    const asUrl = inner.replaceAll("+", "-").replaceAll("/", "_");
    return inner.length >= 8 && (text.includes(inner) || text.includes(asUrl));
  });
}
