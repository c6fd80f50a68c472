import { expect, it, vi } from "vitest";
import { spawnTestSidecar } from "../../harness/spawned-sidecar.ts";
import { commandsOverFastPath } from "./connected-client.ts";
import { mixUsers } from "./mixed-users.ts";

it("500 users with aborts, timeouts and broken connections: never another's session", { timeout: 60_000 }, async () => {
  const sidecar = await spawnTestSidecar({ env: { LOG_LEVEL: "warn" } });
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  const mixing = await mixUsers({ sidecar, users: 500, rounds: 3, seed: 20_261_122, cutEveryMs: 1200 });
  warn.mockRestore();
  const { own, wrong, unavailable, aborted, unanswered } = mixing;
  const carried = await commandsOverFastPath(sidecar);
  console.log(`mixed users: ${own} answered, ${unavailable} 503, ${aborted} aborted; ${carried} over the fast path`);
  expect({ wrong, unanswered }).toEqual({ wrong: [], unanswered: [] });
  expect(own).toBeGreaterThan(50);
  expect(aborted).toBeGreaterThan(0);
  expect(carried).toBeGreaterThan(0);
});
