-- What all migrations together make of an empty database, to be read: nothing runs it. After a new migration
-- "npx vitest run --project postgres-18 test/behaviour/sidecar/process/schema.test.ts -u" updates it.

CREATE OR REPLACE FUNCTION byo.now()
 RETURNS timestamp with time zone
 LANGUAGE sql
AS $function$SELECT clock_timestamp()$function$;

CREATE OR REPLACE FUNCTION byo.policy_revision()
 RETURNS integer
 LANGUAGE sql
 STABLE
AS $function$ SELECT coalesce(max(revision), 0) FROM byo.policy_revisions $function$;

CREATE OR REPLACE FUNCTION byo.tell_session_changed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    PERFORM pg_notify('byo_sessions', '*');
  ELSE
    PERFORM pg_notify('byo_sessions', OLD.id::text);
  END IF;
  RETURN NULL;
END $function$;

CREATE TABLE byo.audit_events (
  id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  time timestamp with time zone NOT NULL DEFAULT byo.now(),
  event text NOT NULL,
  session_id uuid,
  user_id text,
  tags text[],
  ip_address text,
  user_agent text,
  actor text,
  reason text,
  details jsonb,
  count integer NOT NULL DEFAULT 1,
  collapse_key text,
  device_browser text,
  device_os text,
  device_type text,
  CONSTRAINT audit_events_collapse_key_key UNIQUE (collapse_key),
  CONSTRAINT audit_events_pkey PRIMARY KEY (id)
) WITH (autovacuum_vacuum_scale_factor=0.02);
CREATE INDEX audit_events_address ON byo.audit_events USING btree (((ip_address)::inet), session_id) INCLUDE (ip_address) WHERE ((session_id IS NOT NULL) AND (ip_address IS NOT NULL));
CREATE INDEX audit_events_attention ON byo.audit_events USING btree (event, "time") WHERE ((event = ANY (ARRAY['SessionShared'::text, 'UserAgentFlagged'::text, 'SessionCreateRefused'::text])) OR ((event = 'SessionRefused'::text) AND (reason = 'DeviceVerificationFailed'::text)) OR ((event = 'SessionEnded'::text) AND (reason = 'TokenReused'::text)));
CREATE INDEX audit_events_browser ON byo.audit_events USING btree (device_type, device_browser, session_id) WHERE ((session_id IS NOT NULL) AND (device_browser IS NOT NULL));
CREATE INDEX audit_events_log ON byo.audit_events USING btree ("time" DESC, id DESC) WHERE (((actor ~~ 'dashboard:%'::text) OR ((session_id IS NULL) AND (user_id IS NULL))) AND (NOT COALESCE((details ? 'bulk'::text), false)));
CREATE INDEX audit_events_new_device ON byo.audit_events USING btree ("time", session_id) WHERE (details @> '{"newDeviceDetected": true}'::jsonb);
CREATE INDEX audit_events_os ON byo.audit_events USING btree (device_type, device_os, session_id) WHERE ((session_id IS NOT NULL) AND (device_os IS NOT NULL));
CREATE INDEX audit_events_refused ON byo.audit_events USING btree ("time", session_id) INCLUDE (ip_address) WHERE ((session_id IS NOT NULL) AND (event = ANY (ARRAY['SessionRefused'::text, 'DeviceProofMissing'::text])));
CREATE INDEX audit_events_session ON byo.audit_events USING btree (session_id, "time") WHERE (session_id IS NOT NULL);
CREATE INDEX audit_events_time ON byo.audit_events USING btree ("time");
CREATE INDEX audit_events_user ON byo.audit_events USING btree (hashtextextended(user_id, (0)::bigint), "time", id) WHERE (user_id IS NOT NULL);

CREATE TABLE byo.bulk_ends (
  id uuid NOT NULL,
  target jsonb NOT NULL,
  asked_by jsonb NOT NULL,
  note text,
  expected integer NOT NULL,
  is_capped boolean NOT NULL,
  ended integer NOT NULL DEFAULT 0,
  steps integer NOT NULL DEFAULT 0,
  after_created timestamp with time zone,
  after_id uuid,
  is_last_pass boolean NOT NULL DEFAULT false,
  created_at timestamp with time zone NOT NULL DEFAULT byo.now(),
  finished_at timestamp with time zone,
  stopped_by text,
  CONSTRAINT bulk_ends_pkey PRIMARY KEY (id)
);
CREATE INDEX bulk_ends_finished ON byo.bulk_ends USING btree (finished_at);
CREATE INDEX bulk_ends_running ON byo.bulk_ends USING btree (created_at) WHERE (finished_at IS NULL);

CREATE TABLE byo.challenge_keys (
  id bigint NOT NULL,
  sealed bytea NOT NULL,
  created_at timestamp with time zone NOT NULL DEFAULT byo.now(),
  CONSTRAINT challenge_keys_pkey PRIMARY KEY (id),
  CONSTRAINT challenge_keys_id_check CHECK (((id >= 0) AND (id <= '4294967295'::bigint)))
);

CREATE TABLE byo.config_files (
  name text NOT NULL,
  first_seen_at timestamp with time zone NOT NULL DEFAULT byo.now(),
  CONSTRAINT config_files_pkey PRIMARY KEY (name)
);

CREATE TABLE byo.counters (
  bucket timestamp with time zone NOT NULL,
  name text NOT NULL,
  count bigint NOT NULL,
  CONSTRAINT counters_pkey PRIMARY KEY (bucket, name)
);

CREATE TABLE byo.dashboard_recovery_codes (
  user_id uuid NOT NULL,
  code_hash bytea NOT NULL,
  created_at timestamp with time zone NOT NULL DEFAULT byo.now(),
  CONSTRAINT dashboard_recovery_codes_pkey PRIMARY KEY (user_id, code_hash),
  CONSTRAINT dashboard_recovery_codes_user_id_fkey FOREIGN KEY (user_id) REFERENCES dashboard_users(id) ON DELETE CASCADE
);

CREATE TABLE byo.dashboard_sessions (
  id uuid NOT NULL,
  user_id uuid NOT NULL,
  token_hash bytea NOT NULL,
  previous_hash bytea,
  previous_until timestamp with time zone,
  rotated_at timestamp with time zone NOT NULL,
  created_at timestamp with time zone NOT NULL,
  last_used_at timestamp with time zone NOT NULL,
  password_confirmed_until timestamp with time zone,
  ip_address text,
  user_agent text,
  ended_at timestamp with time zone,
  CONSTRAINT dashboard_sessions_pkey PRIMARY KEY (id),
  CONSTRAINT dashboard_sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES dashboard_users(id)
);
CREATE INDEX dashboard_sessions_created ON byo.dashboard_sessions USING btree (created_at);
CREATE INDEX dashboard_sessions_user ON byo.dashboard_sessions USING btree (user_id);

CREATE TABLE byo.dashboard_users (
  id uuid NOT NULL,
  username text NOT NULL,
  role text NOT NULL,
  password_hash text NOT NULL,
  temporary_until timestamp with time zone,
  second_factor bytea,
  pending_second_factor bytea,
  last_code_step bigint,
  disabled_at timestamp with time zone,
  created_at timestamp with time zone NOT NULL DEFAULT byo.now(),
  last_login_at timestamp with time zone,
  CONSTRAINT dashboard_users_pkey PRIMARY KEY (id),
  CONSTRAINT dashboard_users_role_check CHECK ((role = ANY (ARRAY['SuperAdmin'::text, 'Admin'::text, 'Editor'::text, 'ReadOnly'::text])))
);
CREATE UNIQUE INDEX dashboard_users_name ON byo.dashboard_users USING btree (lower(username));

CREATE TABLE byo.dashboard_views (
  id uuid NOT NULL,
  owner_id uuid NOT NULL,
  name text NOT NULL,
  filter jsonb NOT NULL,
  is_shared boolean NOT NULL,
  created_at timestamp with time zone NOT NULL DEFAULT byo.now(),
  CONSTRAINT dashboard_views_pkey PRIMARY KEY (id),
  CONSTRAINT dashboard_views_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES dashboard_users(id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX dashboard_views_name ON byo.dashboard_views USING btree (owner_id, lower(name));

CREATE TABLE byo.devices (
  user_hash bytea NOT NULL,
  user_id text NOT NULL,
  thumbprint text NOT NULL,
  user_agent text,
  first_seen_at timestamp with time zone NOT NULL,
  last_seen_at timestamp with time zone NOT NULL,
  CONSTRAINT devices_pkey PRIMARY KEY (user_hash, thumbprint)
);
CREATE INDEX devices_last_seen ON byo.devices USING btree (last_seen_at);
CREATE INDEX devices_thumbprint ON byo.devices USING btree (thumbprint);

CREATE TABLE byo.encryption_keys (
  prefix bytea NOT NULL,
  started_at timestamp with time zone,
  used_at timestamp with time zone,
  CONSTRAINT encryption_keys_pkey PRIMARY KEY (prefix)
);

CREATE TABLE byo.encryption_readers (
  replica uuid NOT NULL,
  prefixes bytea[] NOT NULL,
  seen_at timestamp with time zone NOT NULL,
  CONSTRAINT encryption_readers_pkey PRIMARY KEY (replica)
);

CREATE TABLE byo.impersonation_sessions (
  id uuid NOT NULL,
  token_hash bytea NOT NULL,
  employee_email text NOT NULL,
  target_user_id text NOT NULL,
  employee_session_id uuid,
  metadata jsonb,
  ip_address text,
  user_agent text,
  created_at timestamp with time zone NOT NULL DEFAULT byo.now(),
  expires_at timestamp with time zone NOT NULL,
  ended_at timestamp with time zone,
  end_reason text,
  CONSTRAINT impersonation_sessions_pkey PRIMARY KEY (id),
  CONSTRAINT impersonation_sessions_check CHECK (((ended_at IS NULL) = (end_reason IS NULL))),
  CONSTRAINT impersonation_sessions_end_reason_check CHECK ((end_reason = ANY (ARRAY['Stopped'::text, 'Revoked'::text, 'Expired'::text, 'Replaced'::text, 'EmployeeSessionEnded'::text])))
);
CREATE INDEX impersonation_sessions_active ON byo.impersonation_sessions USING btree (created_at DESC, id DESC) WHERE (ended_at IS NULL);
CREATE INDEX impersonation_sessions_created ON byo.impersonation_sessions USING btree (created_at DESC, id DESC);
CREATE INDEX impersonation_sessions_employee ON byo.impersonation_sessions USING btree (employee_email, created_at DESC);
CREATE INDEX impersonation_sessions_ended ON byo.impersonation_sessions USING btree (ended_at) WHERE (ended_at IS NOT NULL);
CREATE INDEX impersonation_sessions_user ON byo.impersonation_sessions USING hash (target_user_id);

CREATE TABLE byo.integration_keys (
  id uuid NOT NULL,
  name text NOT NULL,
  key_hash bytea NOT NULL,
  allowed_commands text[],
  created_at timestamp with time zone NOT NULL DEFAULT byo.now(),
  expires_at timestamp with time zone,
  revoked_at timestamp with time zone,
  last_used_at timestamp with time zone,
  initial boolean NOT NULL DEFAULT false,
  capabilities text[] NOT NULL DEFAULT '{}'::text[],
  devices_ignored_at timestamp with time zone,
  CONSTRAINT integration_keys_key_hash_key UNIQUE (key_hash),
  CONSTRAINT integration_keys_pkey PRIMARY KEY (id)
);

CREATE TABLE byo.jobs (
  name text NOT NULL,
  last_started_at timestamp with time zone,
  last_succeeded_at timestamp with time zone,
  last_error text,
  position text,
  CONSTRAINT jobs_pkey PRIMARY KEY (name)
);

CREATE TABLE byo.legacy_sessions (
  legacy_id_hash bytea NOT NULL,
  session_id uuid NOT NULL,
  used_at timestamp with time zone NOT NULL DEFAULT byo.now(),
  CONSTRAINT legacy_sessions_pkey PRIMARY KEY (legacy_id_hash)
);

CREATE TABLE byo.migrations (
  version integer NOT NULL,
  checksum text NOT NULL,
  applied_at timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
  serves_from integer,
  CONSTRAINT migrations_pkey PRIMARY KEY (version)
);

CREATE TABLE byo.policy_revisions (
  revision integer NOT NULL,
  patch jsonb NOT NULL,
  author text NOT NULL,
  created_at timestamp with time zone NOT NULL DEFAULT byo.now(),
  comment text,
  rollback_of integer,
  changes jsonb NOT NULL,
  text_before text NOT NULL,
  text_after text NOT NULL,
  CONSTRAINT policy_revisions_pkey PRIMARY KEY (revision),
  CONSTRAINT policy_revisions_revision_check CHECK ((revision > 0))
);

CREATE TABLE byo.replicas (
  id uuid NOT NULL,
  version text NOT NULL,
  started_at timestamp with time zone NOT NULL,
  seen_at timestamp with time zone NOT NULL,
  policy_digest text NOT NULL,
  CONSTRAINT replicas_pkey PRIMARY KEY (id)
);

CREATE TABLE byo.sessions (
  id uuid NOT NULL,
  user_id text NOT NULL,
  tags text[] NOT NULL,
  metadata jsonb,
  created_at timestamp with time zone NOT NULL,
  expires_at timestamp with time zone NOT NULL,
  last_activity_at timestamp with time zone NOT NULL,
  ip_address text,
  user_agent text,
  last_ip_address text,
  salt bytea NOT NULL,
  gen integer NOT NULL,
  cur_hash bytea NOT NULL,
  next_hash bytea,
  since timestamp with time zone NOT NULL,
  prev_until timestamp with time zone,
  rotation_asked boolean NOT NULL DEFAULT false,
  pending_since timestamp with time zone,
  pending_count smallint NOT NULL DEFAULT 0,
  confirmed_ip text,
  confirmed_user_agent text,
  client_pair bytea,
  other_pair bytea,
  device_thumbprint text,
  ended_at timestamp with time zone,
  end_reason text,
  device_browser text,
  device_os text,
  device_type text,
  replaced_at timestamp with time zone,
  end_revision integer,
  adopted_at timestamp with time zone,
  CONSTRAINT sessions_pkey PRIMARY KEY (id),
  CONSTRAINT sessions_check CHECK (((ended_at IS NULL) = (end_reason IS NULL))),
  CONSTRAINT sessions_end_reason_check CHECK ((end_reason = ANY (ARRAY['LoggedOut'::text, 'Revoked'::text, 'Expired'::text, 'Inactive'::text, 'SessionLimit'::text, 'IpAddressChanged'::text, 'UserAgentChanged'::text, 'TokenReused'::text])))
) WITH (fillfactor=80, autovacuum_vacuum_scale_factor=0.02);
CREATE INDEX sessions_active ON byo.sessions USING btree (created_at DESC, id DESC) WHERE (ended_at IS NULL);
CREATE INDEX sessions_bound ON byo.sessions USING btree (created_at DESC, id DESC) WHERE (device_thumbprint IS NOT NULL);
CREATE INDEX sessions_browser ON byo.sessions USING btree (device_browser, device_type);
CREATE INDEX sessions_device ON byo.sessions USING btree (device_thumbprint COLLATE "C") WHERE (device_thumbprint IS NOT NULL);
CREATE INDEX sessions_ended ON byo.sessions USING btree (ended_at) WHERE (ended_at IS NOT NULL);
CREATE INDEX sessions_ended_created ON byo.sessions USING btree (created_at DESC, id DESC) WHERE (ended_at IS NOT NULL);
CREATE INDEX sessions_ended_reason ON byo.sessions USING btree (end_reason, created_at DESC, id DESC) WHERE (ended_at IS NOT NULL);
CREATE INDEX sessions_ended_tags ON byo.sessions USING gin (tags) WITH (fastupdate=off) WHERE (ended_at IS NOT NULL);
CREATE INDEX sessions_expiring ON byo.sessions USING btree (expires_at) WHERE (ended_at IS NULL);
CREATE INDEX sessions_ip ON byo.sessions USING btree (((ip_address)::inet)) WHERE (ip_address IS NOT NULL);
CREATE INDEX sessions_last_ip ON byo.sessions USING btree (((last_ip_address)::inet)) WHERE (last_ip_address IS DISTINCT FROM ip_address);
CREATE INDEX sessions_os ON byo.sessions USING btree (device_os, device_type);
CREATE INDEX sessions_tags ON byo.sessions USING gin (tags) WITH (fastupdate=off) WHERE (ended_at IS NULL);
CREATE INDEX sessions_user ON byo.sessions USING hash (user_id);
CREATE INDEX sessions_user_prefix ON byo.sessions USING btree ("left"(lower(user_id), 64) COLLATE "C");
CREATE TRIGGER session_changed AFTER DELETE OR UPDATE OF id, user_id, tags, metadata, created_at, expires_at, ip_address, user_agent, salt, gen, cur_hash, next_hash, since, prev_until, rotation_asked, confirmed_ip, confirmed_user_agent, client_pair, other_pair, device_thumbprint, ended_at, end_reason ON byo.sessions FOR EACH ROW WHEN ((old.ended_at IS NULL)) EXECUTE FUNCTION tell_session_changed();
ALTER TABLE byo.sessions DISABLE TRIGGER session_changed;
CREATE TRIGGER sessions_truncated AFTER TRUNCATE ON byo.sessions FOR EACH STATEMENT EXECUTE FUNCTION tell_session_changed();
ALTER TABLE byo.sessions ENABLE ALWAYS TRIGGER sessions_truncated;

CREATE TABLE byo.stateless_token_keys (
  id uuid NOT NULL,
  public_jwk jsonb NOT NULL,
  sealed bytea NOT NULL,
  created_at timestamp with time zone NOT NULL DEFAULT byo.now(),
  signs_from timestamp with time zone NOT NULL,
  expires_at timestamp with time zone,
  CONSTRAINT stateless_token_keys_pkey PRIMARY KEY (id)
);

CREATE TABLE byo.upgrade_tickets (
  ticket_hash bytea NOT NULL,
  session_id uuid NOT NULL,
  expires_at timestamp with time zone NOT NULL,
  CONSTRAINT upgrade_tickets_pkey PRIMARY KEY (ticket_hash)
);
CREATE INDEX upgrade_tickets_expiring ON byo.upgrade_tickets USING btree (expires_at);

CREATE TABLE byo.used_proofs (
  proof_hash bytea NOT NULL,
  attempt_id text,
  expires_at timestamp with time zone NOT NULL,
  CONSTRAINT used_proofs_pkey PRIMARY KEY (proof_hash)
);
CREATE INDEX used_proofs_expiring ON byo.used_proofs USING btree (expires_at);

CREATE TABLE byo.webhook_deliveries (
  id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  message_id uuid NOT NULL DEFAULT gen_random_uuid(),
  endpoint_id uuid NOT NULL,
  event_id bigint NOT NULL,
  session_id uuid,
  type text NOT NULL,
  created_at timestamp with time zone NOT NULL DEFAULT byo.now(),
  due_at timestamp with time zone DEFAULT byo.now(),
  lease uuid,
  attempts smallint NOT NULL DEFAULT 0,
  delivered_at timestamp with time zone,
  given_up_at timestamp with time zone,
  status smallint,
  error text,
  CONSTRAINT webhook_deliveries_pkey PRIMARY KEY (id)
);
CREATE INDEX webhook_deliveries_created ON byo.webhook_deliveries USING btree (created_at);
CREATE INDEX webhook_deliveries_delivered ON byo.webhook_deliveries USING btree (delivered_at) WHERE (delivered_at IS NOT NULL);
CREATE INDEX webhook_deliveries_due ON byo.webhook_deliveries USING btree (endpoint_id, due_at) WHERE (due_at IS NOT NULL);
CREATE INDEX webhook_deliveries_endpoint ON byo.webhook_deliveries USING btree (endpoint_id, id);
CREATE INDEX webhook_deliveries_given_up ON byo.webhook_deliveries USING btree (endpoint_id, id) WHERE (given_up_at IS NOT NULL);
CREATE INDEX webhook_deliveries_session ON byo.webhook_deliveries USING btree (endpoint_id, session_id, id) WHERE ((due_at IS NOT NULL) AND (session_id IS NOT NULL));

CREATE TABLE byo.webhook_endpoints (
  id uuid NOT NULL,
  name text NOT NULL,
  url text NOT NULL,
  types text[],
  end_reasons text[],
  tags text[],
  sends_client boolean NOT NULL,
  secret bytea,
  previous_secret bytea,
  previous_until timestamp with time zone,
  created_at timestamp with time zone NOT NULL DEFAULT byo.now(),
  disabled_at timestamp with time zone,
  deleted_at timestamp with time zone,
  CONSTRAINT webhook_endpoints_pkey PRIMARY KEY (id),
  CONSTRAINT webhook_endpoints_check CHECK (((deleted_at IS NULL) = (secret IS NOT NULL))),
  CONSTRAINT webhook_endpoints_check1 CHECK (((deleted_at IS NULL) OR (disabled_at IS NOT NULL)))
);
