import { errorForLog } from "../../engine/log-error.ts";
import type { ObserveJob } from "../../engine/observe-job.ts";
import type { OverviewStore } from "./store.ts";

/** Records in the database how each round of a job went. */
export function createJobObserver(store: Pick<OverviewStore, "jobStarted" | "jobEnded">): ObserveJob {
  return async (name, round) => {
    await store.jobStarted(name);
    try {
      const result = await round();
      await store.jobEnded(name, undefined);
      return result;
    } catch (error) {
      // Only the message, as in the log: no values of rows. If this write fails, the log has both errors.
      await store.jobEnded(name, errorForLog(error).message).catch(() => {});
      throw error;
    }
  };
}
