import { setImmediate as nextTurn } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect } from "vitest";

// The hosts of the tests run in the tests' own process, where vitest keeps alive what would end a server. So each such
// error fails the test in which it came up.

const escaped: { kind: string; error: unknown }[] = [];

const uncaught = (error: unknown) => void escaped.push({ kind: "uncaught exception", error });
const unhandled = (error: unknown) => void escaped.push({ kind: "unhandled rejection", error });

beforeAll(() => {
  process.on("uncaughtException", uncaught);
  process.on("unhandledRejection", unhandled);
});

afterAll(() => {
  process.off("uncaughtException", uncaught);
  process.off("unhandledRejection", unhandled);
});

afterEach(async () => {
  // A rejection counts as unhandled once the turn of the event loop is over.
  await nextTurn();
  const found = escaped.splice(0);
  expect(found, `would have ended the host's process: ${expect.getState().currentTestName}`).toEqual([]);
});
