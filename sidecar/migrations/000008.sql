-- The keys that sign stateless tokens. A key is published as soon as it exists and until `expires_at`, which is null until a
-- rotation sets it. Of the keys whose `signs_from` has passed, the newest signs.
CREATE TABLE byo.stateless_token_keys (
  id uuid PRIMARY KEY,
  -- As it is published (RFC 7517); its `kid` is the id.
  public_jwk jsonb NOT NULL,
  -- The encrypted private key (PKCS #8).
  sealed bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT byo.now(),
  signs_from timestamptz NOT NULL,
  expires_at timestamptz
);
