import axe from "axe-core";
import type { Page } from "playwright-core";

/** What axe finds wrong with the page, all of it or by some rules only, as `rule: element`. */
export async function accessibilityProblems(page: Page, rules: string[] = []): Promise<string[]> {
  // Once for each time that the page was loaded: that costs more than a run.
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axe.source);
  return page.evaluate(async (only) => {
    const { axe: loaded }: { axe?: typeof axe } = Object(globalThis);
    if (!loaded) throw new Error("axe is not in the page");
    const { violations } = await loaded.run(document, {
      resultTypes: ["violations"],
      ...(only.length > 0 && { runOnly: { type: "rule", values: only } }),
    });
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
  }, rules);
}
