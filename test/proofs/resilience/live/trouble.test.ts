import { beforeAll, expect, it } from "vitest";
import { LIMIT_MS, type Stage, setStage } from "./sockets.ts";
import { inTrouble, TROUBLES } from "./trouble.ts";

let stage: Stage;

beforeAll(async () => {
  stage = await setStage();
}, 60_000);

// The last one leaves one replica less.
it.each(Object.entries(TROUBLES))(
  `sockets close within ${LIMIT_MS} ms, and no other does: %s`,
  { timeout: 60_000 },
  async (_what, trouble) => {
    const { afterMs, others } = await inTrouble(stage, trouble, 20, 50);
    expect(afterMs).toHaveLength(20);
    expect(afterMs.filter((ms) => ms > LIMIT_MS)).toEqual([]);
    expect(others.filter(({ closing }) => closing !== undefined)).toEqual([]);
  },
);
