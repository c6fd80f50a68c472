import type { Page } from "playwright-core";
import { expect } from "vitest";
import { THIEF } from "./stolen-sessions.ts";

/** Counts the clicks on a page from now on; each call gives those since the call before. */
export async function countClicks(page: Page): Promise<() => number> {
  let clicks = 0;
  // Enter in a form clicks its button, but nobody did.
  await page.exposeFunction("countClick", () => clicks++);
  await page.addInitScript("addEventListener('click', ({ detail }) => detail > 0 && window.countClick(), true)");
  await page.reload();
  return () => {
    const counted = clicks;
    clicks = 0;
    return counted;
  };
}

/** From the first page to the end of a theft: who was in the stolen sessions, what else they touched, all of that ended. */
export async function endTheft(page: Page): Promise<void> {
  await page.getByRole("link", { name: "2 active sessions used by two clients" }).click();
  const clients = page.getByRole("list", { name: "Who used the session of ada" });
  const intruder = clients.getByRole("listitem").filter({ hasText: "Probably the intruder" });
  await intruder.getByText("Took turns with another client.").waitFor();
  expect(await intruder.textContent()).toContain("Firefox 140 on macOS");
  expect(await clients.getByText("Probably the owner").count()).toBe(1);
  await intruder.getByRole("link", { name: THIEF.ipAddress }).click();

  // The thief's own session is not stolen, and so it is not selected.
  await page.getByText("3 sessions of 3 users, 3 of them active.").waitFor();
  const selected = page.getByRole("checkbox", { checked: true });
  expect(await selected.evaluateAll((boxes) => boxes.map((box) => box.getAttribute("aria-label")).sort())).toEqual([
    expect.stringContaining("of ada"),
    expect.stringContaining("of grace"),
  ]);
  await page.getByRole("button", { name: "End 2 selected sessions…" }).click();
  await page.getByLabel("Note for the log").fill("stolen cookies");
  await page.getByLabel("Type 2 to confirm").fill("2");
  await page.getByRole("button", { name: "End 2 sessions", exact: true }).click();
  await page.getByText("Ended 2 sessions.").waitFor();
  await page.getByText("3 sessions of 3 users, 1 of them active.").waitFor();
}
