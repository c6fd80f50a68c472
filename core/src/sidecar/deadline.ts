import { DeadlinePassed } from "./carrier.ts";

/** Runs work that stops at a signal, and rejects with `DeadlinePassed` where the time was the reason. */
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
