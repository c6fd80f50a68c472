import { Counter, Gauge, type Registry } from "@prometheus-io/client";
import { JOBS, type ObserveJob } from "../observe-job.ts";

/** Measures the rounds of all jobs. */
export function createJobMetrics(registry: Registry): (observe: ObserveJob) => ObserveJob {
  const succeededAtMs = new Map<string, number>();
  // Not `job`, which Prometheus itself sets.
  const common = { labelNames: ["name"], registers: [registry] };
  const rounds = new Counter({ ...common, name: "byo_job_rounds_total", help: "Rounds of a job that succeeded." });
  const failures = new Counter({ ...common, name: "byo_job_failures_total", help: "Rounds of a job that failed." });
  const duration = new Gauge({ ...common, name: "byo_job_duration_seconds", help: "Duration of a job's last round." });
  new Gauge({
    ...common,
    name: "byo_job_age_seconds",
    help: "Time since a job last succeeded on this replica.",
    collect() {
      for (const [name, atMs] of succeededAtMs) this.set({ name }, (performance.now() - atMs) / 1000);
    },
  });
  // A series that begins with 1 has not grown, as far as Prometheus knows.
  for (const name of JOBS) failures.inc({ name }, 0);

  return (observe) => async (name, round) => {
    const startMs = performance.now();
    try {
      const result = await observe(name, round);
      succeededAtMs.set(name, performance.now());
      rounds.inc({ name });
      return result;
    } catch (error) {
      failures.inc({ name });
      throw error;
    } finally {
      duration.set({ name }, (performance.now() - startMs) / 1000);
    }
  };
}
