import type { Page } from "playwright-core";

/** Every answer that the page gets from now on, as `GET /path?query 200`; one of another origin begins with `elsewhere`. */
export function answersOf(page: Page, origin: string): string[] {
  const answers: string[] = [];
  page.on("response", (response) => {
    const url = response.url();
    const where = url.startsWith(`${origin}/`) ? `${response.request().method()} ${url.slice(origin.length)}` : url;
    const isAsked = new URL(url).pathname !== "/favicon.ico";
    if (isAsked) answers.push(`${where === url ? "elsewhere " : ""}${where} ${response.status()}`);
  });
  return answers;
}

/** What the page's Content-Security-Policy has refused, of every document that is loaded from now on. */
export async function watchPolicy(page: Page): Promise<string[]> {
  const violations: string[] = [];
  await page.exposeFunction("reportViolation", (text: string) => void violations.push(text));
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
      Reflect.get(globalThis, "reportViolation")(`${violatedDirective} ${blockedURI}`);
    });
  });
  return violations;
}
