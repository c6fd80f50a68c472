const leftovers = new Set<() => Promise<void>>();

/** Remembers what must be stopped after the test file; gives a function that stops it now, once. */
export function stopAfterFile(stop: () => Promise<void>): () => Promise<void> {
  let stopped: Promise<void> | undefined;
  const once = () => {
    leftovers.delete(once);
    stopped ??= stop();
    return stopped;
  };
  leftovers.add(once);
  return once;
}

/** Stops what is left, newest first: a sidecar before its database. A failure does not stop the rest. */
export async function stopLeftovers(): Promise<void> {
  const failures: unknown[] = [];
  for (const stop of [...leftovers].reverse()) await stop().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw new AggregateError(failures, "not everything that the tests started could be stopped");
}
