-- The dashboard: people, their logins, edits of policies, and what its pages search and count.

CREATE TABLE byo.dashboard_users (
  id uuid PRIMARY KEY,
  username text NOT NULL,
  role text NOT NULL CHECK (role IN ('SuperAdmin', 'Admin', 'Editor', 'ReadOnly')),
  -- Argon2id, with its parameters and salt.
  password_hash text NOT NULL,
  -- Set while the password is temporary: until then it can be changed, and nothing else be done with it.
  temporary_until timestamptz,
  -- Sealed under the encryption key where there is one. Pending: not proved by a code yet.
  second_factor bytea,
  pending_second_factor bytea,
  -- The time step of the last code, so that each serves once (RFC 6238, section 5.2).
  last_code_step bigint,
  disabled_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT byo.now(),
  last_login_at timestamptz
);
-- "Root" beside "root" would be taken for each other. People are disabled, never deleted: the log names them for good.
CREATE UNIQUE INDEX dashboard_users_name ON byo.dashboard_users (lower(username));

CREATE TABLE byo.dashboard_sessions (
  id uuid PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES byo.dashboard_users (id),
  token_hash bytea NOT NULL,
  -- The token before it: good until the newer one was used and a little longer, since answers get lost.
  previous_hash bytea,
  previous_until timestamptz,
  rotated_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL,
  last_used_at timestamptz NOT NULL,
  password_confirmed_until timestamptz,
  ip_address text,
  user_agent text,
  -- Kept for a while: an address that a person came from before is no stranger's.
  ended_at timestamptz
);
CREATE INDEX dashboard_sessions_user ON byo.dashboard_sessions (user_id);
CREATE INDEX dashboard_sessions_created ON byo.dashboard_sessions (created_at);

-- Edits of the policy, each the whole difference from the file. Numbers have no gaps: of two editors who start from one
-- revision, one inserts the next.
CREATE TABLE byo.policy_revisions (
  revision integer PRIMARY KEY CHECK (revision > 0),
  -- A merge patch (RFC 7396) over what the file says, with tags by name.
  patch jsonb NOT NULL,
  author text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT byo.now(),
  comment text,
  rollback_of integer,
  changes jsonb NOT NULL,
  text_before text NOT NULL,
  text_after text NOT NULL
);

-- What happened, in buckets of five minutes.
CREATE TABLE byo.counters (
  bucket timestamptz NOT NULL,
  name text NOT NULL,
  count bigint NOT NULL,
  PRIMARY KEY (bucket, name)
);

CREATE TABLE byo.replicas (
  id uuid PRIMARY KEY,
  version text NOT NULL,
  started_at timestamptz NOT NULL,
  seen_at timestamptz NOT NULL,
  policy_digest text NOT NULL
);

CREATE TABLE byo.jobs (
  name text PRIMARY KEY,
  last_started_at timestamptz,
  last_succeeded_at timestamptz,
  last_error text
);

-- What the user agent names, to be searched: written at login. Null in rows that are older than these columns.
ALTER TABLE byo.sessions ADD COLUMN device_browser text, ADD COLUMN device_os text, ADD COLUMN device_type text;

-- Every filter of the list, alone, finds its rows without reading the others; few are kept for living and ended sessions
-- apart, as the list asks for both apart. None is touched while a session lives, but the last address where it changes.
CREATE INDEX sessions_ended_created ON byo.sessions (created_at DESC, id DESC) WHERE ended_at IS NOT NULL;
CREATE INDEX sessions_ended_reason ON byo.sessions (end_reason, created_at DESC, id DESC) WHERE ended_at IS NOT NULL;
CREATE INDEX sessions_ended_tags ON byo.sessions USING gin (tags) WHERE ended_at IS NOT NULL;
CREATE INDEX sessions_ip ON byo.sessions ((ip_address::inet)) WHERE ip_address IS NOT NULL;
CREATE INDEX sessions_last_ip ON byo.sessions ((last_ip_address::inet)) WHERE last_ip_address IS DISTINCT FROM ip_address;
CREATE INDEX sessions_browser ON byo.sessions (device_browser, device_type);
CREATE INDEX sessions_os ON byo.sessions (device_os, device_type);

-- What people did and what became of the configuration. Sessions that ended many at once are one line there.
CREATE INDEX audit_events_log ON byo.audit_events (time DESC, id DESC)
  WHERE (actor LIKE 'dashboard:%' OR (session_id IS NULL AND user_id IS NULL)) AND NOT coalesce(details ? 'bulk', false);
CREATE INDEX audit_events_new_device ON byo.audit_events (time) WHERE details @> '{"newDeviceDetected": true}';
