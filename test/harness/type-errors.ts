import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const TSC = fileURLToPath(new URL("../../node_modules/typescript/bin/tsc", import.meta.url));

/** What the compiler says of a project: nothing, when its types are right and each expected error is there. */
export async function typeErrorsOf(project: URL): Promise<string> {
  return promisify(execFile)(process.execPath, [TSC, "-p", fileURLToPath(project)]).then(
    () => "",
    (error: { stdout: string }) => error.stdout,
  );
}
