-- Every time in this schema comes from byo.now(), never from a replica: replicas' clocks differ. The planner inlines
-- the function, so it costs nothing; a test moves time by replacing it.
CREATE FUNCTION byo.now() RETURNS timestamptz LANGUAGE sql VOLATILE AS 'SELECT clock_timestamp()';

CREATE TABLE byo.sessions (
  id uuid PRIMARY KEY,
  user_id text NOT NULL,
  tags text[] NOT NULL,
  metadata jsonb,
  created_at timestamptz NOT NULL,
  -- The absolute end as promised at login. A policy that is tightened later ends the session earlier.
  expires_at timestamptz NOT NULL,
  last_activity_at timestamptz NOT NULL,
  -- As passed at login, null where the application passes none. The user agent follows upgrades of the browser.
  ip_address text,
  user_agent text,
  last_ip_address text,

  -- Rotation. Tokens form a chain: each secret is derived from the one before with the salt, so that every replica
  -- derives the same successor while only hashes are stored.
  salt bytea NOT NULL,
  gen integer NOT NULL,
  cur_hash bytea NOT NULL,
  next_hash bytea,
  since timestamptz NOT NULL,
  prev_until timestamptz,
  rotation_asked boolean NOT NULL DEFAULT false,
  -- When the successor was first given, and how often the old token was still presented, counted at intervals.
  pending_since timestamptz,
  pending_count smallint NOT NULL DEFAULT 0,
  -- Who used the successor first: only the same client may be handed the current token for the old one.
  confirmed_ip text,
  confirmed_user_agent text,

  -- The last two different (user agent, network) pairs of this generation, hashed: A, B, A is a shared session.
  client_pair bytea,
  other_pair bytea,

  -- RFC 7638 thumbprint of the key that the session is bound to.
  device_thumbprint text,

  ended_at timestamptz,
  end_reason text CHECK (end_reason IN ('LoggedOut', 'Revoked', 'Expired', 'Inactive', 'SessionLimit',
                                        'IpAddressChanged', 'UserAgentChanged', 'TokenReused')),
  CHECK ((ended_at IS NULL) = (end_reason IS NULL))
)
-- Room in each page for the updates of a session's life, so that they touch no index.
WITH (fillfactor = 80);

-- By hash: a user id of 1,024 characters takes up to 3 KB, for which a btree has no room.
CREATE INDEX sessions_user ON byo.sessions USING hash (user_id);
CREATE INDEX sessions_tags ON byo.sessions USING gin (tags) WHERE ended_at IS NULL;
CREATE INDEX sessions_active ON byo.sessions (created_at DESC, id DESC) WHERE ended_at IS NULL;
CREATE INDEX sessions_expiring ON byo.sessions (expires_at) WHERE ended_at IS NULL;
CREATE INDEX sessions_ended ON byo.sessions (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE byo.audit_events (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  time timestamptz NOT NULL DEFAULT byo.now(),
  event text NOT NULL,
  session_id uuid,
  user_id text,
  tags text[],
  ip_address text,
  user_agent text,
  actor text,
  reason text,
  details jsonb,
  -- Repeated refusals of one session are one row per event, address and minute: SHA-256 of all four.
  count integer NOT NULL DEFAULT 1,
  collapse_key text UNIQUE
);
CREATE INDEX audit_events_session ON byo.audit_events (session_id, time) WHERE session_id IS NOT NULL;
CREATE INDEX audit_events_user ON byo.audit_events USING hash (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX audit_events_time ON byo.audit_events (time);

CREATE TABLE byo.integration_keys (
  id uuid PRIMARY KEY,
  name text NOT NULL,
  key_hash bytea NOT NULL UNIQUE,
  -- Null: every command.
  allowed_commands text[],
  created_at timestamptz NOT NULL DEFAULT byo.now(),
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz,
  initial boolean NOT NULL DEFAULT false
);

-- A policy file that was there once must not vanish unnoticed at a later start.
CREATE TABLE byo.config_files (
  name text PRIMARY KEY,
  first_seen_at timestamptz NOT NULL DEFAULT byo.now()
);

-- Sessions of another library that were turned into one of ours: each at most once, also after log-out.
CREATE TABLE byo.legacy_sessions (
  legacy_id_hash bytea PRIMARY KEY,
  session_id uuid NOT NULL,
  used_at timestamptz NOT NULL DEFAULT byo.now()
);

-- A value sealed under the encryption key: a sidecar with a wrong key finds out when it starts, not at a log-in.
CREATE TABLE byo.encryption_check (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  sealed bytea NOT NULL
);

-- Devices that a user asked to remember: a log-in with the key of one is no new device.
CREATE TABLE byo.devices (
  -- SHA-256 of the user id, which may be too long for an index.
  user_hash bytea NOT NULL,
  user_id text NOT NULL,
  -- RFC 7638, SHA-256, base64url.
  thumbprint text NOT NULL,
  user_agent text,
  first_seen_at timestamptz NOT NULL,
  last_seen_at timestamptz NOT NULL,
  PRIMARY KEY (user_hash, thumbprint)
);
CREATE INDEX devices_last_seen ON byo.devices (last_seen_at);

-- One-use tickets with which a bound session opens a WebSocket: that request cannot carry a proof.
CREATE TABLE byo.upgrade_tickets (
  ticket_hash bytea PRIMARY KEY,
  session_id uuid NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX upgrade_tickets_expiring ON byo.upgrade_tickets (expires_at);

-- Secrets that authenticate challenges, shared by all replicas. Sealed under the encryption key where there is one.
CREATE TABLE byo.challenge_keys (
  id bigint PRIMARY KEY CHECK (id BETWEEN 0 AND 4294967295),
  sealed bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT byo.now()
);

-- Proofs that have been used, until the challenge that they were made for has expired.
CREATE TABLE byo.used_proofs (
  proof_hash bytea PRIMARY KEY,
  -- The call that used it: the same call, repeated after its answer was lost, may use it again.
  attempt_id text,
  expires_at timestamptz NOT NULL
);
CREATE INDEX used_proofs_expiring ON byo.used_proofs (expires_at);
