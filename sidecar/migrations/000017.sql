-- The newest events of a user, without reading all of them: one user may have a hundred thousand. A user id may be longer
-- than an index entry, so the index has its hash.
DROP INDEX byo.audit_events_user;
CREATE INDEX audit_events_user ON byo.audit_events (hashtextextended(user_id, 0), time, id) WHERE user_id IS NOT NULL;

-- Who else has used a device: as a remembered one, and by sessions that are bound to its key.
CREATE INDEX devices_thumbprint ON byo.devices (thumbprint);
CREATE INDEX IF NOT EXISTS sessions_device ON byo.sessions (device_thumbprint COLLATE "C")
  WHERE device_thumbprint IS NOT NULL;
