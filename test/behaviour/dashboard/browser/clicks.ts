import type { Page } from "playwright-core";

/** Counts what a person does with the pointer from now on, a choice from a list included. Typing is not counted. */
export async function countClicks(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    const counted = Object.assign(globalThis, { clicks: 0 });
    const count = () => {
      counted.clicks++;
    };
    addEventListener("pointerdown", count, true);
    addEventListener("change", ({ target }) => target instanceof HTMLSelectElement && count(), true);
  });
  // Undefined after a load of the page, which no job may need.
  return () => page.evaluate(() => Number(Object(globalThis).clicks));
}
