import { LIMITS } from "./limits.ts";

/** A string that Postgres and every log can carry: no NUL, no half of a surrogate pair. */
export function isStorableText(text: string): boolean {
  return !text.includes("\0") && text.isWellFormed();
}

/**
 * Returns what is wrong with a JSON value as session metadata, or undefined if it is fine. Uses an explicit stack, so
 * that a deeply nested value cannot overflow the call stack.
 */
export function metadataProblem(value: unknown): string | undefined {
  const stack: { value: unknown; depth: number }[] = [{ value, depth: 1 }];
  for (let next = stack.pop(); next; next = stack.pop()) {
    const { value: current, depth } = next;
    if (typeof current === "string") {
      if (!isStorableText(current)) return "expected text without NUL and lone surrogates";
    } else if (typeof current === "number") {
      if (!Number.isFinite(current)) return "expected finite numbers";
    } else if (typeof current === "object" && current !== null) {
      if (depth > LIMITS.metadataDepth) return `expected at most ${LIMITS.metadataDepth} levels of nesting`;
      for (const key of Object.keys(current)) {
        if (!isStorableText(key)) return "expected names without NUL and lone surrogates";
        stack.push({ value: (current as Record<string, unknown>)[key], depth: depth + 1 });
      }
    } else if (typeof current !== "boolean" && current !== null) {
      return "expected a JSON value";
    }
  }
  if (new TextEncoder().encode(JSON.stringify(value)).length > LIMITS.metadataBytes) {
    return `expected at most ${LIMITS.metadataBytes} bytes of JSON`;
  }
  return undefined;
}
