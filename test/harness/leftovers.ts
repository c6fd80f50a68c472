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

/** Stops what is left, the newest first: a sidecar before its database. */
export async function stopLeftovers(): Promise<void> {
  for (const stop of [...leftovers].reverse()) await stop();
}
