/** Runs one round of a job and records how it went, for the health page. */
export type ObserveJob = <T>(name: string, round: () => Promise<T>) => Promise<T>;
