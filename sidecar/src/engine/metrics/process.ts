import { collectDefaultMetrics, Registry } from "@prometheus-io/client";

let registry: Registry | undefined;

/** Memory, CPU, files and the event loop of this process, by their usual names. They are measured once, by timers. */
export function processMetrics(): Registry {
  if (registry) return registry;
  registry = new Registry();
  // Ten times a second by default; a process that was stopped for an hour would then make up for 36,000 measurements.
  collectDefaultMetrics({ register: registry, eventLoopUtilizationTimeout: 1000 });
  return registry;
}
