import type { Sampler } from "@opentelemetry/sdk-trace";

/**
 * At most so many new traces in a second. Who calls an application may say in a header that a request is to be recorded,
 * and the application passes that on: without a limit, strangers would decide how much is recorded, sent and stored.
 */
export function boundedSampler(
  sampler: Sampler,
  perSecond: number,
  nowMs: () => number = () => performance.now(),
): Sampler {
  let secondMs = Number.NEGATIVE_INFINITY;
  let left = 0;

  function isLeft(): boolean {
    const now = nowMs();
    if (now - secondMs >= 1000) {
      secondMs = now;
      left = perSecond;
    }
    return left-- > 0;
  }

  return {
    shouldSample(...span) {
      const result = sampler.shouldSample(...span);
      return result.decision === NOT_RECORD || isLeft() ? result : { decision: NOT_RECORD };
    },
    toString: () => `${perSecond} a second of ${sampler}`,
  };
}

/** `SamplingDecision.NOT_RECORD`, without loading the library in a process that traces nothing. */
const NOT_RECORD = 0;
