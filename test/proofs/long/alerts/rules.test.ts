import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const run = promisify(execFile);
const cwd = "sidecar/monitoring";

it("promtool accepts the alert rules", async () => {
  const { stdout } = await run("promtool", ["check", "rules", "--lint=all", "--lint-fatal", "alerts.yaml"], { cwd });
  expect(stdout).toMatch(/SUCCESS: \d+ rules found/);
});

it("promtool finds each alert silent in good times, and heard in bad ones", async () => {
  const { stdout } = await run("promtool", ["test", "rules", "alert-tests.yaml"], { cwd });
  expect(stdout).toContain("SUCCESS");
});
