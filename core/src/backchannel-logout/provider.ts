/** An OpenID provider that may log its users out of this application. */
export interface LogoutProvider {
  /** The provider's `issuer`, exactly as in its ID tokens. */
  issuer: string;
  /** Your application's `client_id` at the provider. */
  clientId: string;
  /** The provider's `jwks_uri`: its keys. Fetched when first needed, kept for five minutes. */
  jwksUri: string;
}

/** What is wrong with the settings; undefined if nothing is. */
export function providersProblem(providers: readonly LogoutProvider[], production: boolean): string | undefined {
  const issuers = new Set(providers.map(({ issuer }) => issuer));
  if (issuers.size < providers.length) return "expected each issuer once";
  const exposed = production && providers.find(({ jwksUri }) => !isProtected(jwksUri));
  // Keys that others can replace on their way let them log out everybody.
  return exposed ? `jwksUri: expected an https URL in production, got ${exposed.jwksUri}` : undefined;
}

function isProtected(address: string): boolean {
  const { protocol, hostname } = new URL(address);
  return protocol === "https:" || /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}
