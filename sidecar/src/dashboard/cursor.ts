import { invalidField } from "./refusal.ts";

/** Where a page of a list ended; opaque to the browser. */
export function formatCursor(...parts: readonly string[]): string {
  return Buffer.from(parts.join(" ")).toString("base64url");
}

/** Throws a refusal if the text is not a cursor of this list. */
export function parseCursor(cursor: string | undefined, forms: readonly RegExp[]): string[] | undefined {
  if (cursor === undefined) return undefined;
  const parts = Buffer.from(cursor, "base64url").toString().split(" ");
  if (parts.length !== forms.length || !forms.every((form, at) => form.test(parts[at] ?? ""))) {
    throw invalidField("cursor", "expected the cursor of an earlier answer");
  }
  return parts;
}

export const NUMBER = /^\d{1,18}$/;
export const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Exact times, as the stores return them. */
export const EXACT_TIME = /^\d{4}-(0[1-9]|1[0-2])-([0-2]\d|3[01])T([01]\d|2[0-3])(:[0-5]\d){2}\.\d{6}Z$/;
