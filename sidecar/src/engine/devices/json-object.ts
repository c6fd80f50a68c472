const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The object that JSON text spells. Without a prototype, so that no member can be inherited or set one. */
export function parseObject(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(utf8.decode(bytes));
    return isObject(value) ? Object.assign(Object.create(null), value) : undefined;
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
