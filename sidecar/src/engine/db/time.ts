/**
 * The database's time as SQL, for conditions that select rows by time. Always this form: a bare `byo.now()` is volatile, so
 * no index can be used for a condition with it, and it is called for every row. The sub-select runs once per statement.
 */
export const NOW = "(SELECT byo.now())";

/** A time this many seconds ago; `secs` is an SQL expression. */
export const ago = (secs: string) => `${NOW} - make_interval(secs => ${secs}::float8)`;
