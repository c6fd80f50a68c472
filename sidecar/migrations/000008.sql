-- The keys that sign stateless tokens. A key is published from its first moment, signs from `signs_from` on, and is published
-- until `expires_at`: null while no rotation has said when. Of those that may sign, the one made last does.
CREATE TABLE byo.stateless_token_keys (
  id uuid PRIMARY KEY,
  -- As it is published (RFC 7517); its `kid` is the id.
  public_jwk jsonb NOT NULL,
  -- The private key as PKCS #8, encrypted.
  sealed bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT byo.now(),
  signs_from timestamptz NOT NULL,
  expires_at timestamptz
);
