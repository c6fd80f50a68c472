/** Thrown by `getOrThrow()` of a result that is an error; `error` is the sidecar's typed answer. */
export class ResultError<E> extends Error {
  override readonly name = "ResultError";
  readonly error: E;

  constructor(error: E) {
    super(JSON.stringify(error));
    this.error = error;
  }
}

interface Common<T, E> {
  /** The data, or a thrown {@link ResultError} that carries the typed error. */
  getOrThrow(): T;
  /** Takes back the typed error from what `getOrThrow()` has thrown; throws anything else again. */
  toTypedError(thrown: unknown): E;
}

export interface Success<T, E> extends Common<T, E> {
  readonly ok: true;
  readonly data: T;
}

export interface Failure<T, E> extends Common<T, E> {
  readonly ok: false;
  readonly error: E;
  /** The HTTP status of the answer; absent when none arrived in time. */
  readonly status?: number;
}

/** What a command gives: never a rejection. The shape is that of the public client, so either can stand in. */
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
