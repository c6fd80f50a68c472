import type { Refusals } from "../../answers/refusals.ts";
import { type OidcClaims, oidcTags } from "../../backchannel-logout/oidc-tags.ts";
import { actionError } from "./action-errors.ts";

/** The tags of a new session: the application's own, and those by which a provider's logout token finds it. */
export async function tagsOfLogin(
  own: readonly string[] | undefined,
  oidc: OidcClaims | undefined,
  refusals: Refusals,
): Promise<{ tags?: string[] }> {
  if (oidc === undefined) return own ? { tags: [...own] } : {};
  const { iss, sub, sid } = oidc;
  if (!isText(iss) || !isText(sub) || !(sid === undefined || isText(sid))) {
    // A missing value would be the same for every user, and one logout would end all their sessions.
    const message = "oidc: expected iss and sub, and sid if there is one, as text: pass the claims of the ID token";
    throw actionError("ERR_INVALID_ARGUMENT", "BadRequest", message, refusals);
  }
  return { tags: [...(own ?? []), ...(await oidcTags({ iss, sub, sid }))] };
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}
