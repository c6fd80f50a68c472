import type { SidecarClient } from "../harness/sidecar-client.ts";

/** The memory of a sidecar's process, as its own metrics say. */
export async function residentBytes(sidecar: Pick<SidecarClient, "metrics">): Promise<number> {
  const bytes = (await sidecar.metrics()).get("byo_process_resident_memory_bytes");
  if (bytes === undefined) throw new Error("expected the metric byo_process_resident_memory_bytes");
  return bytes;
}
