-- Ends of many sessions that the replicas work on. The target and the number live here, so any replica continues where
-- another one stopped.
CREATE TABLE byo.bulk_ends (
  id uuid PRIMARY KEY,
  -- {"sessionIds": [...]} or {"filter": {...}}
  target jsonb NOT NULL,
  -- Who asked for it and from where.
  asked_by jsonb NOT NULL,
  note text,
  -- How many sessions matched at the start. The count stops at a limit.
  expected integer NOT NULL,
  is_capped boolean NOT NULL,
  ended integer NOT NULL DEFAULT 0,
  -- Each batch adds one, so that two replicas never apply the same batch.
  steps integer NOT NULL DEFAULT 0,
  -- Where the next batch begins in the list of sessions, the newest first. Null: at the newest of before the start.
  after_created timestamptz,
  after_id uuid,
  is_last_pass boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT byo.now(),
  finished_at timestamptz,
  stopped_by text
);
CREATE INDEX bulk_ends_running ON byo.bulk_ends (created_at) WHERE finished_at IS NULL;
CREATE INDEX bulk_ends_finished ON byo.bulk_ends (finished_at);

-- Each code stands in for the second factor once.
CREATE TABLE byo.dashboard_recovery_codes (
  user_id uuid NOT NULL REFERENCES byo.dashboard_users (id) ON DELETE CASCADE,
  code_hash bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT byo.now(),
  PRIMARY KEY (user_id, code_hash)
);

-- Filters of the list of sessions that people have given a name.
CREATE TABLE byo.dashboard_views (
  id uuid PRIMARY KEY,
  owner_id uuid NOT NULL REFERENCES byo.dashboard_users (id) ON DELETE CASCADE,
  name text NOT NULL,
  filter jsonb NOT NULL,
  is_shared boolean NOT NULL,
  created_at timestamptz NOT NULL DEFAULT byo.now()
);
CREATE UNIQUE INDEX dashboard_views_name ON byo.dashboard_views (owner_id, lower(name));
