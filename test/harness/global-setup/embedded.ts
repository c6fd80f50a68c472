import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { openEmbedded } from "../../../sidecar/src/engine/db/embedded.ts";
import { migrate } from "../../../sidecar/src/engine/db/migrate.ts";
import { INSTALL_TEST_CLOCK } from "../../../testing/src/sidecar/clock-store.ts";
import "../provided.ts";

/** Makes a migrated embedded database whose folder each test file copies: five times faster than making one. */
export default async function setUpEmbedded(project: TestProject): Promise<() => Promise<void>> {
  const templateDir = await mkdtemp(join(tmpdir(), "byo-embedded-"));
  const db = await openEmbedded({
    dataDir: templateDir,
    onLost: (reason) => {
      throw reason;
    },
  });
  await migrate(db);
  await db.maintenance((connection) => connection.script(INSTALL_TEST_CLOCK));
  await db.close();
  project.provide("database", { kind: "embedded", templateDir });
  return () => rm(templateDir, { recursive: true, force: true });
}
