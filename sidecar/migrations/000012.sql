-- Where a step of the collection continues; null: at the beginning. Its rows in this table take the place of those of the
-- two jobs that there were before.
ALTER TABLE byo.jobs ADD COLUMN position text;
DELETE FROM byo.jobs WHERE name IN ('session_garbage_collection', 'dashboard_maintenance');
