import type { Page } from "playwright-core";

/** Counts the clicks in a page from now on, also after it goes to other addresses. */
export async function countClicks(page: Page): Promise<() => number> {
  let clicks = 0;
  await page.exposeFunction("countClick", () => clicks++);
  const script = "addEventListener('click', () => window.countClick(), true)";
  await page.addInitScript(script);
  await page.evaluate(script);
  return () => clicks;
}
