import { Counter, Gauge, type Registry } from "@prometheus-io/client";
import type { ObserveJob } from "../observe-job.ts";

/** Measures the rounds of all jobs. */
export function createJobMetrics(registry: Registry): (observe: ObserveJob) => ObserveJob {
  const succeededAtMs = new Map<string, number>();
  const startedAtMs = performance.now();
  const common = { labelNames: ["job"], registers: [registry] };
  const rounds = new Counter({ ...common, name: "byo_job_rounds_total", help: "Rounds of a job that succeeded." });
  const failures = new Counter({ ...common, name: "byo_job_failures_total", help: "Rounds of a job that failed." });
  const duration = new Gauge({ ...common, name: "byo_job_duration_seconds", help: "Duration of a job's last round." });
  new Gauge({
    ...common,
    name: "byo_job_age_seconds",
    help: "Time since a job last succeeded on this replica, or since this replica started.",
    collect() {
      for (const [job, atMs] of succeededAtMs) this.set({ job }, (performance.now() - atMs) / 1000);
    },
  });
  for (const job of JOBS) succeededAtMs.set(job, startedAtMs);

  return (observe) => async (job, round) => {
    const startMs = performance.now();
    try {
      const result = await observe(job, round);
      succeededAtMs.set(job, performance.now());
      rounds.inc({ job });
      return result;
    } catch (error) {
      failures.inc({ job });
      throw error;
    } finally {
      duration.set({ job }, (performance.now() - startMs) / 1000);
    }
  };
}

/** Those that have an age before their first round. */
const JOBS = ["session_garbage_collection"];
