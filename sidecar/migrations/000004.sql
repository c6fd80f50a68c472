-- For the dashboard's filter by device proof. Where few sessions or none are bound, as in an app that asks for no proofs,
-- the first page of them was found by reading all.
CREATE INDEX sessions_bound ON byo.sessions (created_at DESC, id DESC) WHERE device_thumbprint IS NOT NULL;
