// A frozen server never answers, so the client has its own time limit. Together with the wait for a connection it stays
// below the 5 seconds in which every command is answered.

/** How long the server works on something, in milliseconds. */
export const TIME_LIMITS = {
  lock_timeout: 2000,
  statement_timeout: 2500,
  idle_in_transaction_session_timeout: 10_000,
};

/** How long this process waits for the answer to a statement. */
export const QUERY_TIMEOUT_MS = 3000;

/** How long this process waits for a connection: for a new one, or for its turn to use one. */
export const CONNECT_TIMEOUT_MS = 1500;
