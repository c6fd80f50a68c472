-- What a key may do beside its commands, as device:ignore. A key for all commands has every capability.
ALTER TABLE byo.integration_keys
  ADD COLUMN capabilities text[] NOT NULL DEFAULT '{}',
  ADD COLUMN devices_ignored_at timestamptz;

-- Which encryption keys what is stored may be sealed with: the start asks here whether it has all that are needed. Each is
-- known by what everything sealed with it begins with: the version and the id of the key; the version 0 alone: in clear.
CREATE TABLE byo.encryption_keys (
  prefix bytea PRIMARY KEY,
  -- When a sidecar last started that seals with it, and when one last said that it does.
  started_at timestamptz,
  used_at timestamptz
);

INSERT INTO byo.encryption_keys (prefix)
  SELECT DISTINCT CASE get_byte(sealed, 0) WHEN 0 THEN '\x00'::bytea ELSE substring(sealed FROM 1 FOR 5) END
  FROM (
    SELECT sealed FROM byo.encryption_check
    UNION ALL SELECT salt FROM byo.sessions
    UNION ALL SELECT sealed FROM byo.challenge_keys
    UNION ALL SELECT second_factor FROM byo.dashboard_users
    UNION ALL SELECT pending_second_factor FROM byo.dashboard_users
  ) AS stored
  WHERE length(sealed) > 0;

DROP TABLE byo.encryption_check;
