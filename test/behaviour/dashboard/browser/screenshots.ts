import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { IS_LONG } from "../../../harness/is-long.ts";

const FOLDER = fileURLToPath(new URL("../../../output-dashboard/", import.meta.url));

/** In the long tests: keeps how a page looked, for people to look at; test/output-dashboard is in no commit. */
export async function keepScreenshot(page: Page, name: string): Promise<void> {
  if (!IS_LONG) return;
  await mkdir(FOLDER, { recursive: true });
  await page.screenshot({ path: `${FOLDER}${name}.png` });
}
