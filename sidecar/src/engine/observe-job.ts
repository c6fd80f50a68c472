/** The jobs, by the names that the database, the dashboard and the metrics have for them. */
export const JOBS = ["encryption_resealing"] as const;

/** Runs one round of a job and records how it went, for the health page. */
export type ObserveJob = <T>(name: (typeof JOBS)[number], round: () => Promise<T>) => Promise<T>;
