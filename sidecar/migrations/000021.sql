-- Serves versions from 000019.

-- An index of tags keeps new entries in a list, which each search reads whole, until a vacuum or the 4 MB are full; then one
-- write of a session sorts all of them in. After many ends at once the planner avoids the index because of the list, and
-- reads every ended session for a tag that none of them has.
ALTER INDEX byo.sessions_tags SET (fastupdate = off);
ALTER INDEX byo.sessions_ended_tags SET (fastupdate = off);
SELECT gin_clean_pending_list('byo.sessions_tags'), gin_clean_pending_list('byo.sessions_ended_tags');
