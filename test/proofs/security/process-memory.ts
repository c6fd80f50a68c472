import type { SidecarClient } from "../../harness/sidecar-client.ts";

/** The memory of a sidecar's process in bytes, from its own metrics. */
export interface ProcessMemory {
  /** What the process has of the machine's memory (RSS). */
  resident: number;
  /** V8's heap, including garbage: its minimum over some time is what is really in use. */
  heapUsed: number;
}

export async function processMemory(sidecar: Pick<SidecarClient, "metrics">): Promise<ProcessMemory> {
  const metrics = await sidecar.metrics();
  const resident = metrics.get("process_resident_memory_bytes");
  const heapUsed = metrics.get("nodejs_heap_size_used_bytes");
  if (resident === undefined || heapUsed === undefined) throw new Error("expected the metrics of the process's memory");
  return { resident, heapUsed };
}
