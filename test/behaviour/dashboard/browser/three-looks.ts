import type { Page } from "playwright-core";
import { expect } from "vitest";
import { accessibilityProblems } from "./accessibility.ts";
import { keepScreenshot } from "./screenshots.ts";
import { DESKTOP, PHONE } from "./viewports.ts";

/**
 * No accessibility problems, no scrolling sideways on a phone, and pictures in light, in dark and on a phone. `rules`: only these
 * of axe.
 */
export async function expectFine(page: Page, name: string, rules: string[] = []): Promise<void> {
  await page.setViewportSize(DESKTOP);
  await page.emulateMedia({ colorScheme: "light" });
  await keepScreenshot(page, `${name}-light`);
  expect(await accessibilityProblems(page, rules)).toEqual([]);
  await page.emulateMedia({ colorScheme: "dark" });
  await keepScreenshot(page, `${name}-dark`);
  // Names and roles do not change with the colours.
  expect(await accessibilityProblems(page, ["color-contrast"])).toEqual([]);
  await page.setViewportSize(PHONE);
  await keepScreenshot(page, `${name}-phone`);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(PHONE.width);
  await page.setViewportSize(DESKTOP);
}
