-- Serves versions from 000019.

-- A restore and a subscription of logical replication set session_replication_role to replica, in which a trigger that is
-- only enabled does not fire: what they change would be told to nobody.
ALTER TABLE byo.sessions ENABLE ALWAYS TRIGGER sessions_truncated;
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_trigger
             WHERE tgrelid = 'byo.sessions'::regclass AND tgname = 'session_changed' AND tgenabled <> 'D') THEN
    ALTER TABLE byo.sessions ENABLE ALWAYS TRIGGER session_changed;
  END IF;
END $$;
