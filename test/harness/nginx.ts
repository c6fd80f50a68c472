import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stopAfterFile } from "./leftovers.ts";
import { createLogCollector } from "./log-lines.ts";

/** Starts an nginx on a port of its own; `locations` is what stands in its `server`. It stops after the file. */
export async function startNginx(port: number, locations: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "byo-nginx-"));
  const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  const config = `
    daemon off; master_process off; pid ${folder}/pid; error_log stderr;
    events {}
    http { access_log off; ${paths.join(" ")} server { listen 127.0.0.1:${port}; ${locations} } }
  `;
  await writeFile(join(folder, "nginx.conf"), config);
  const child = spawn("nginx", ["-p", folder, "-c", join(folder, "nginx.conf")], {
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/usr/local/bin` },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const log = createLogCollector();
  child.stderr.pipe(log.stream, { end: false });
  const exit = once(child, "exit");
  stopAfterFile(async () => {
    child.kill("SIGTERM");
    await exit;
    await rm(folder, { recursive: true, force: true });
  });
  for (const deadline = Date.now() + 10_000; Date.now() < deadline && child.exitCode === null; await sleep(20)) {
    const socket = createConnection({ port, host: "127.0.0.1" });
    const [isOpen] = await Promise.race([
      once(socket, "connect").then(() => [true]),
      once(socket, "error").then(() => [false]),
    ]).catch(() => [false]);
    socket.destroy();
    if (isOpen) return;
  }
  throw new Error(`nginx did not start. It wrote:\n${log.text()}`);
}
