/** Closes what a start has opened, in reverse order, even if a step fails. */
export interface CleanUp {
  push(step: () => Promise<void> | void): void;
  /** Runs once: later calls wait for the same run. */
  run(): Promise<void>;
}

export function createCleanUp(onError: (error: unknown) => void): CleanUp {
  const steps: (() => Promise<void> | void)[] = [];
  let done: Promise<void> | undefined;

  async function runAll(): Promise<void> {
    for (const step of steps.splice(0).reverse()) {
      try {
        await step();
      } catch (error) {
        onError(error);
      }
    }
  }

  return {
    push: (step) => steps.push(step),
    run() {
      done ??= runAll();
      return done;
    },
  };
}
