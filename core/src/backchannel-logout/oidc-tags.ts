/** The claims of an ID token that a logout token may name later. You can pass all claims of the ID token. */
export interface OidcClaims {
  /** The provider. */
  iss: string;
  /** The user at the provider, who may have another id in your application. */
  sub: string;
  /** The user's session at the provider; some providers do not send it. */
  sid?: string | undefined;
}

/**
 * The tags by which a logout token finds a session: the sidecar has an index of tags. Hashed, because a claim may be
 * too long for a tag or contain spaces, and because the same `sub` of two providers is not the same user.
 */
export async function oidcTags({ iss, sub, sid }: OidcClaims): Promise<string[]> {
  const tags = [await subjectTag(iss, sub)];
  if (sid !== undefined) tags.push(await sessionTag(iss, sid));
  return tags;
}

/** On all sessions of a user. */
export async function subjectTag(iss: string, sub: string): Promise<string> {
  return `oidc_sub:${await hashOf(iss, sub)}`;
}

/** On the sessions that began with one login at the provider. */
export async function sessionTag(iss: string, sid: string): Promise<string> {
  return `oidc_sid:${await hashOf(iss, sid)}`;
}

/** Of values that cannot run into each other. */
export async function hashOf(...values: string[]): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(JSON.stringify(values)));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
