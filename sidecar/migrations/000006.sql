-- When a browser was last given a new session in the place of this one, by a log-in: for a moment after it the new
-- cookie may be on its way, and nobody is to clear it by its name.
ALTER TABLE byo.sessions ADD COLUMN replaced_at timestamptz;
