-- Where a step of the collection continues; null: at the beginning. Its rows in this table take the place of those of the
-- two jobs that there were before.
ALTER TABLE byo.jobs ADD COLUMN position text;
DELETE FROM byo.jobs WHERE name IN ('session_garbage_collection', 'dashboard_maintenance');

-- By default the space of ended and deleted rows is freed when there are a fifth as many as rows: too late for large tables.
ALTER TABLE byo.sessions SET (autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE byo.audit_events SET (autovacuum_vacuum_scale_factor = 0.02);
