-- What the dashboard's search finds by its beginning: user ids in any case, and device keys. An index entry has a limit and
-- a user id may be longer, so the first 64 characters have to do.
CREATE INDEX sessions_user_prefix ON byo.sessions ((left(lower(user_id), 64) COLLATE "C"));
CREATE INDEX sessions_device ON byo.sessions (device_thumbprint COLLATE "C") WHERE device_thumbprint IS NOT NULL;

-- What makes a session suspicious, and logins that were refused: few, and asked for on the dashboard's first page.
CREATE INDEX audit_events_attention ON byo.audit_events (event, time)
  WHERE event IN ('SessionShared', 'UserAgentFlagged', 'SessionCreateRefused')
    OR (event = 'SessionRefused' AND reason = 'DeviceVerificationFailed')
    OR (event = 'SessionEnded' AND reason = 'TokenReused');
