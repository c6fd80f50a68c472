-- Where the sidecar tells other systems what happened.
CREATE TABLE byo.webhook_endpoints (
  id uuid PRIMARY KEY,
  name text NOT NULL,
  url text NOT NULL,
  -- Types of events; null: all.
  types text[],
  -- Only ends with one of these reasons; null: all.
  end_reasons text[],
  -- Only events of sessions with one of these tags; null: all.
  tags text[],
  -- Whether addresses and user agents are sent too.
  sends_client boolean NOT NULL,
  -- Sealed. The previous one also signs until its time is over. Null once the endpoint is deleted.
  secret bytea,
  previous_secret bytea,
  previous_until timestamptz,
  created_at timestamptz NOT NULL DEFAULT byo.now(),
  -- While disabled, nothing is kept for it.
  disabled_at timestamptz,
  -- The row itself follows its deliveries.
  deleted_at timestamptz,
  CHECK ((deleted_at IS NULL) = (secret IS NOT NULL)),
  CHECK (deleted_at IS NULL OR disabled_at IS NOT NULL)
);

-- What is to be sent, written by the statement that writes the event: the two are committed together. No foreign keys: each
-- event would lock its endpoint's row.
CREATE TABLE byo.webhook_deliveries (
  -- Changes of a session wait for each other until they are committed, so its deliveries have ascending numbers.
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- What the receiver recognises it by.
  message_id uuid NOT NULL DEFAULT gen_random_uuid(),
  endpoint_id uuid NOT NULL,
  event_id bigint NOT NULL,
  session_id uuid,
  type text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT byo.now(),
  -- When it is sent next, or when the lease of the replica that sends it ends. Null: delivered or given up.
  due_at timestamptz DEFAULT byo.now(),
  lease uuid,
  attempts smallint NOT NULL DEFAULT 0,
  delivered_at timestamptz,
  given_up_at timestamptz,
  -- Of the last attempt.
  status smallint,
  error text
);
CREATE INDEX webhook_deliveries_due ON byo.webhook_deliveries (endpoint_id, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX webhook_deliveries_session ON byo.webhook_deliveries (endpoint_id, session_id, id)
  WHERE due_at IS NOT NULL AND session_id IS NOT NULL;
CREATE INDEX webhook_deliveries_given_up ON byo.webhook_deliveries (endpoint_id, id) WHERE given_up_at IS NOT NULL;
CREATE INDEX webhook_deliveries_endpoint ON byo.webhook_deliveries (endpoint_id, id);
CREATE INDEX webhook_deliveries_delivered ON byo.webhook_deliveries (delivered_at) WHERE delivered_at IS NOT NULL;
CREATE INDEX webhook_deliveries_created ON byo.webhook_deliveries (created_at);
