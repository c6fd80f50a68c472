/** Runs one round of a job and keeps how it went, for the health page. */
export type ObserveJob = <T>(name: string, round: () => Promise<T>) => Promise<T>;
