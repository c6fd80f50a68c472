-- Tells replicas that remember sessions which one has changed, in the transaction of the change and whoever makes it:
-- another version of the sidecar, the dashboard, a person with psql. Columns of activity are left out: they are written
-- often, and no remembered answer depends on them. Sessions that have ended are remembered by nobody.
CREATE FUNCTION byo.tell_session_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    PERFORM pg_notify('byo_sessions', '*');
  ELSE
    PERFORM pg_notify('byo_sessions', OLD.id::text);
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER session_changed
  AFTER DELETE OR UPDATE OF id, user_id, tags, metadata, created_at, expires_at, ip_address, user_agent, salt, gen, cur_hash,
    next_hash, since, prev_until, rotation_asked, confirmed_ip, confirmed_user_agent, client_pair, other_pair,
    device_thumbprint, ended_at, end_reason
  ON byo.sessions FOR EACH ROW WHEN (OLD.ended_at IS NULL) EXECUTE FUNCTION byo.tell_session_changed();
CREATE TRIGGER sessions_truncated
  AFTER TRUNCATE ON byo.sessions FOR EACH STATEMENT EXECUTE FUNCTION byo.tell_session_changed();

-- NOTIFY makes commits wait for each other, so nobody pays for it before a replica that remembers sessions starts and
-- enables it. ALTER TABLE waits for the transactions that have written without telling: none can slip through.
ALTER TABLE byo.sessions DISABLE TRIGGER session_changed;
