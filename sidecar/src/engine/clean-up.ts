/** What a start has opened, to be closed in the reverse order, each even when another one fails. */
export interface CleanUp {
  push(step: () => Promise<void> | void): void;
  /** Once: whoever asks again waits for the same end. */
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
