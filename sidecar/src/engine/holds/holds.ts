import type { InterestTable } from "./interest.ts";

/** What lets applications hold answers, and tells them what to forget: docs/held-answers.md. */
export interface Holds {
  readonly interest: InterestTable;
  /** Whether every change until half a second ago has been heard. Without it nothing is granted and no beat answered. */
  hears(): boolean;
  readonly metrics: HoldMetrics;
}

export interface HoldMetrics {
  granted(): void;
  /** The table of interests is full. */
  full(): void;
  forgetPushed(): void;
  beat(answer: "vouched" | "unvouched"): void;
}
