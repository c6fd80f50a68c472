/**
 * Every rule about time asks the database through `byo.now()`. A test database has its own version, which can be moved
 * forward for every sidecar on that database at once: no test waits for an hour or fakes the timers of a process.
 */
export const INSTALL_TEST_CLOCK = `
  CREATE SCHEMA byo_test;
  CREATE TABLE byo_test.clock (shift interval NOT NULL);
  INSERT INTO byo_test.clock VALUES ('0');
  CREATE OR REPLACE FUNCTION byo.now() RETURNS timestamptz LANGUAGE sql VOLATILE
    AS $$ SELECT clock_timestamp() + shift FROM byo_test.clock $$;
`;

export const ADVANCE_TEST_CLOCK = "UPDATE byo_test.clock SET shift = shift + make_interval(secs => $1)";
