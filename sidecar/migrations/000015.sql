-- Serves versions from 000013.
-- Which encryption keys each running replica can open: none starts to seal with a key that another one cannot open.
CREATE TABLE byo.encryption_readers (
  replica uuid PRIMARY KEY,
  -- As in byo.encryption_keys.
  prefixes bytea[] NOT NULL,
  seen_at timestamptz NOT NULL
);
