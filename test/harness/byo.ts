import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { PROGRAM_ENV } from "./program-env.ts";

const CLI = fileURLToPath(new URL("../../sidecar/src/cli.ts", import.meta.url));

export interface CliEnd {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs the command line of the sidecar as a process without a terminal. */
export async function byo(env: Record<string, string>, ...args: string[]): Promise<CliEnd> {
  const run = promisify(execFile)(process.execPath, ["--conditions=@byo-session/source", CLI, ...args], {
    env: { ...PROGRAM_ENV, ...env },
  });
  return run.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({ code: Number(code), stdout: String(stdout), stderr: String(stderr) }),
  );
}
