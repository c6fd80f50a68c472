-- When a token was taken over that is newer than the row, because the database had lost what came between. Null: never, or not
-- since the last "byo recover".
ALTER TABLE byo.sessions ADD COLUMN adopted_at timestamptz;
