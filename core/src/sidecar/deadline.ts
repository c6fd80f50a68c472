import { DeadlinePassed } from "./carrier.ts";

/** Runs work that a signal can stop, and rejects with `DeadlinePassed` if the deadline was the reason. */
export async function withinDeadline<T>(timeoutMs: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), timeoutMs);
  try {
    return await work(controller.signal);
  } catch (error) {
    throw controller.signal.aborted ? new DeadlinePassed() : error;
  } finally {
    clearTimeout(timer);
  }
}
