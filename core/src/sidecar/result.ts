/** Thrown by `getOrThrow()` if the result is an error; `error` is the sidecar's typed answer. */
export class ResultError<E> extends Error {
  override readonly name = "ResultError";
  readonly error: E;

  constructor(error: E) {
    super(JSON.stringify(error));
    this.error = error;
  }
}

interface Common<T, E> {
  /** Returns the data, or throws a {@link ResultError} with the typed error. */
  getOrThrow(): T;
  /** Returns the typed error from what `getOrThrow()` threw; rethrows anything else. */
  toTypedError(thrown: unknown): E;
}

export interface Success<T, E> extends Common<T, E> {
  readonly ok: true;
  readonly data: T;
}

export interface Failure<T, E> extends Common<T, E> {
  readonly ok: false;
  readonly error: E;
  /** The HTTP status of the answer; absent if no answer arrived in time. */
  readonly status?: number;
}

/**
 * The result of a command, which never rejects. It has the same shape as in the public client, so either can be used.
 */
export type Result<T, E> = Success<T, E> | Failure<T, E>;

export function succeed<T, E>(data: T): Result<T, E> {
  return { ok: true, data, getOrThrow: () => data, toTypedError };
}

export function fail<T, E>(error: E, status?: number): Result<T, E> {
  const getOrThrow = (): T => {
    throw new ResultError(error);
  };
  return { ok: false, error, getOrThrow, toTypedError, ...(status !== undefined && { status }) };
}

function toTypedError<E>(thrown: unknown): E {
  if (thrown instanceof ResultError) return thrown.error;
  throw thrown;
}
