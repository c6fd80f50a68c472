import { existsSync } from "node:fs";
import type { TestProject } from "vitest/node";
import { serveChromium } from "../chromium.ts";
import { IS_LONG } from "../is-long.ts";
import "../provided.ts";

/** The same Chromium without the window around a page: a page takes a quarter of the CPU. */
const SHELL = "/usr/lib/chromium/chromium-headless-shell";

/** Gives a project one Chromium: a third of what a file used for its browser was the start. */
export default async function setUpChromium(project: TestProject): Promise<() => Promise<void>> {
  const isWhole = IS_LONG || process.env.CHROME_PATH !== undefined || !existsSync(SHELL);
  const server = await serveChromium(isWhole ? undefined : SHELL);
  project.provide("chromium", server.wsEndpoint());
  return () => server.close();
}
