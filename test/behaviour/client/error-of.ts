/** The error of a result that must be one. */
export function errorOf<E>(result: { ok: true } | { ok: false; error: E }): E {
  if (result.ok) throw new Error("Expected an error, but the call succeeded.");
  return result.error;
}
