import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const TSC = fileURLToPath(new URL("../../node_modules/typescript/bin/tsc", import.meta.url));

/**
 * What the compiler says of a project: nothing, when its types are right and each expected error is there. Of the packages
 * that it refers to it reads the declarations, which takes half the time; those that are old are built first.
 */
export async function typeErrorsOf(project: URL | string): Promise<string> {
  const path = typeof project === "string" ? project : fileURLToPath(project);
  return promisify(execFile)(process.execPath, [TSC, "-b", path]).then(
    () => "",
    (error: { stdout: string }) => error.stdout,
  );
}
