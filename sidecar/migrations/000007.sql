-- What a key may do beside its commands, as device:ignore. A key for all commands has every capability.
ALTER TABLE byo.integration_keys
  ADD COLUMN capabilities text[] NOT NULL DEFAULT '{}',
  ADD COLUMN devices_ignored_at timestamptz;
