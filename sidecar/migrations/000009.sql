-- Employees who act as users. A realm of its own: nothing here is a session of an application.
CREATE TABLE byo.impersonation_sessions (
  id uuid PRIMARY KEY,
  -- SHA-256 of the token's secret.
  token_hash bytea NOT NULL,
  -- In lower case.
  employee_email text NOT NULL,
  target_user_id text NOT NULL,
  -- The employee's own session, without which this one is not valid. Null if the application did not say which it is.
  employee_session_id uuid,
  metadata jsonb,
  -- Null only after the user was erased.
  ip_address text,
  user_agent text,
  created_at timestamptz NOT NULL DEFAULT byo.now(),
  expires_at timestamptz NOT NULL,
  ended_at timestamptz,
  end_reason text CHECK (end_reason IN ('Stopped', 'Revoked', 'Expired', 'Replaced', 'EmployeeSessionEnded')),
  CHECK ((ended_at IS NULL) = (end_reason IS NULL))
);
CREATE INDEX impersonation_sessions_created ON byo.impersonation_sessions (created_at DESC, id DESC);
CREATE INDEX impersonation_sessions_active ON byo.impersonation_sessions (created_at DESC, id DESC) WHERE ended_at IS NULL;
CREATE INDEX impersonation_sessions_ended ON byo.impersonation_sessions (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX impersonation_sessions_employee ON byo.impersonation_sessions (employee_email, created_at DESC);
-- A user id can be too long for a B-tree.
CREATE INDEX impersonation_sessions_user ON byo.impersonation_sessions USING hash (target_user_id);
