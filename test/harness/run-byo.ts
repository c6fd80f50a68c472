import { execFile } from "node:child_process";
import { join } from "node:path";
import { PROGRAM_ENV } from "./program-env.ts";
import { type SidecarVersion, THIS_VERSION } from "./sidecar-version.ts";

export interface CommandResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs `byo` as an operator does. */
export function runByo(
  words: readonly string[],
  env: Readonly<Record<string, string>>,
  version: SidecarVersion = THIS_VERSION,
): Promise<CommandResult> {
  const args = ["--conditions=@byo-session/source", join(version.folder, "cli.ts"), ...words];
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, { env: { ...PROGRAM_ENV, ...env } }, (_, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}
