-- The device that an event's user agent names, as for sessions: the dashboard finds sessions by the devices and addresses of
-- their events too. Older events have none.
ALTER TABLE byo.audit_events
  ADD COLUMN device_browser text,
  ADD COLUMN device_os text,
  ADD COLUMN device_type text;

-- With the address as text: without it Postgres reads the row of each event, because it does not see that the inet is enough.
CREATE INDEX audit_events_address ON byo.audit_events ((ip_address::inet), session_id) INCLUDE (ip_address)
  WHERE session_id IS NOT NULL AND ip_address IS NOT NULL;
CREATE INDEX audit_events_browser ON byo.audit_events (device_type, device_browser, session_id)
  WHERE session_id IS NOT NULL AND device_browser IS NOT NULL;
CREATE INDEX audit_events_os ON byo.audit_events (device_type, device_os, session_id)
  WHERE session_id IS NOT NULL AND device_os IS NOT NULL;
-- What the filters on events ask for, answered from the index alone.
CREATE INDEX audit_events_refused ON byo.audit_events (time, session_id) INCLUDE (ip_address)
  WHERE session_id IS NOT NULL AND event IN ('SessionRefused', 'DeviceProofMissing');
DROP INDEX byo.audit_events_new_device;
CREATE INDEX audit_events_new_device ON byo.audit_events (time, session_id)
  WHERE details @> '{"newDeviceDetected": true}';

-- The revision of the policy edits in force when the session ended; 0: the file alone. Null: it ended before this was kept.
ALTER TABLE byo.sessions ADD COLUMN end_revision integer;

-- The revision of the policy edits in force.
CREATE FUNCTION byo.policy_revision() RETURNS integer LANGUAGE sql STABLE AS
  $$ SELECT coalesce(max(revision), 0) FROM byo.policy_revisions $$;
