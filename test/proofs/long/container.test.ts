import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { freePort } from "../../harness/free-port.ts";

const CHECK = fileURLToPath(new URL("../../../scripts/container-check.sh", import.meta.url));

it("the image builds, is small, serves, is healthy and stops", { timeout: 1_800_000 }, async () => {
  const env = { ...process.env, PORT: String(await freePort()) };
  const { status, stdout, stderr } = spawnSync("bash", [CHECK], { env, encoding: "utf8", maxBuffer: 2 ** 28 });
  expect(`${stdout}${stderr}`.slice(-4000)).toContain("the image builds, serves");
  expect(status).toBe(0);
});
