import { errorForLog } from "../../engine/log-error.ts";
import type { ObserveJob } from "../../engine/observe-job.ts";
import type { OverviewStore } from "./store.ts";

/** Keeps how the rounds of jobs went in the database. */
export function createJobObserver(store: Pick<OverviewStore, "jobStarted" | "jobEnded">): ObserveJob {
  return async (name, round) => {
    await store.jobStarted(name);
    try {
      const result = await round();
      await store.jobEnded(name, undefined);
      return result;
    } catch (error) {
      // The message alone, as the log has it: without values of rows. If this cannot be written, the log has both.
      await store.jobEnded(name, errorForLog(error).message).catch(() => {});
      throw error;
    }
  };
}
