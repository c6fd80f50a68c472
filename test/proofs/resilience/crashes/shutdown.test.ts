import { afterAll, expect, it } from "vitest";
import { printResults, type ResultRow } from "../../../harness/result-table.ts";
import { spawnTestSidecar } from "../../../harness/spawned-sidecar.ts";
import { createTestDatabase } from "../../../harness/test-database.ts";
import { countLosses, LOAD_CONFIG, startLoad } from "./load.ts";

const STOPPED_WITHIN_MS = 10_000;
const rows: ResultRow[] = [];

afterAll(() => printResults("The sidecar is told to stop (SIGTERM) under load", rows));

it("answers what it has accepted, loses nothing and ends well", { timeout: 120_000 }, async () => {
  const options = { database: await createTestDatabase(), config: LOAD_CONFIG, env: { LOG_LEVEL: "warn" } };
  let sidecar = await spawnTestSidecar(options);
  for (let stop = 1; stop <= 3; stop++) {
    const load = startLoad([sidecar]);
    await load.grow(5);
    const start = performance.now();
    const end = await sidecar.kill("SIGTERM");
    const tookMs = Math.round(performance.now() - start);
    await load.stop();
    sidecar = await spawnTestSidecar(options);
    const losses = await countLosses(load.sessions, sidecar);
    const { unavailable, brokenOff, turnedAway, refused } = load.counts;
    rows.push({
      stop,
      ...losses,
      refused,
      "503 or 500": unavailable,
      "broken off": brokenOff,
      "turned away": turnedAway,
      "stopped after ms": tookMs,
    });
    expect(end).toEqual({ code: 0, signal: null });
    expect(tookMs).toBeLessThan(STOPPED_WITHIN_MS);
    expect({ lost: losses.lost, refused, brokenOff }).toEqual({ lost: 0, refused: 0, brokenOff: 0 });
  }
});
