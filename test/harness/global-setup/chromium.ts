import type { TestProject } from "vitest/node";
import { serveChromium } from "../chromium.ts";
import "../provided.ts";

/** Gives a project one Chromium: a third of what a file used for its browser was the start. */
export default async function setUpChromium(project: TestProject): Promise<() => Promise<void>> {
  const server = await serveChromium();
  project.provide("chromium", server.wsEndpoint());
  return () => server.close();
}
