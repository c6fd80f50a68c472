import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stopAfterFile } from "../../harness/leftovers.ts";

export interface ConfigFolder {
  /** For the environment of a sidecar. */
  readonly env: { CONFIG_DIR: string };
  write(file: string, content: object | string): Promise<void>;
  remove(file: string): Promise<void>;
}

/** A folder with other configuration files than the one that every test sidecar gets. */
export async function createConfigFolder(files: Record<string, object | string> = {}): Promise<ConfigFolder> {
  const folder = await mkdtemp(join(tmpdir(), "byo-config-"));
  stopAfterFile(() => rm(folder, { recursive: true, force: true }));
  const write = (file: string, content: object | string) =>
    writeFile(join(folder, file), typeof content === "string" ? content : JSON.stringify(content, null, 2));
  for (const [file, content] of Object.entries(files)) await write(file, content);
  return { env: { CONFIG_DIR: folder }, write, remove: (file) => rm(join(folder, file)) };
}
