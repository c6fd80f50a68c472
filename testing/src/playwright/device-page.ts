import { readFile } from "node:fs/promises";
import { createRequire, stripTypeScriptTypes } from "node:module";
import { basename, dirname, join } from "node:path";

/** Served instead of the app, on its origin, because the device's key belongs to the origin. */
const FOLDER = "/.byo-session-testing";

/** The parts we use of Playwright's `Route`. */
export interface PlaywrightRoute {
  request(): { url(): string };
  fulfill(response: { body: string; contentType: string }): Promise<void>;
}

export interface PlaywrightPage {
  route(url: (url: URL) => boolean, handler: (route: PlaywrightRoute) => Promise<void>): Promise<unknown>;
  goto(url: string): Promise<unknown>;
  waitForFunction(expression: string): Promise<{ jsonValue(): Promise<unknown> }>;
  close(): Promise<void>;
}

/**
 * Registers the browser's device key for the session in its cookie, with the browser library, as a page of the app
 * would. There is no bundler, so it uses an import map over the library's own files.
 */
export async function registerDeviceIn(page: PlaywrightPage, origin: string, routesPrefix: string): Promise<void> {
  await page.route(
    (url) => url.origin === origin && url.pathname.startsWith(`${FOLDER}/`),
    async (route) => {
      const { pathname } = new URL(route.request().url());
      if (pathname === `${FOLDER}/`) {
        await route.fulfill({ body: pageFor(routesPrefix), contentType: "text/html" });
      } else {
        const [, , library = "", file = ""] = pathname.split("/");
        await route.fulfill({ body: await readLibraryFile(library, file), contentType: "text/javascript" });
      }
    },
  );
  await page.goto(`${origin}${FOLDER}/`);
  const outcome = await (await page.waitForFunction("globalThis.outcome")).jsonValue();
  if (outcome !== 200) {
    throw new Error(
      `POST ${routesPrefix}/device answered ${outcome}. A device needs the options \`publicUrl\` (here ${origin}) and ` +
        "`routes: { prefix }`, the same as `device.routesPrefix`.",
    );
  }
}

function pageFor(routesPrefix: string): string {
  const imports = Object.fromEntries(
    Object.entries(libraries()).map(([name, entry]) => [name, `${FOLDER}/${basename(name)}/${basename(entry)}`]),
  );
  return `<!doctype html><title>device</title>
<script type="importmap">${JSON.stringify({ imports })}</script>
<script type="module">
  const register = async () => {
    const { initFetchWithDevice, registerDevice } = await import("@byo-session/browser");
    initFetchWithDevice(${JSON.stringify({ routesPrefix })});
    return (await registerDevice()).status;
  };
  globalThis.outcome = await register().catch(String);
</script>`;
}

/** The entry points of the browser library and its dependencies, as ES modules. */
function libraries(): Record<string, string> {
  const browser = createRequire(import.meta.url).resolve("@byo-session/browser");
  const { resolve } = createRequire(browser);
  return {
    "@byo-session/browser": browser,
    dpop: resolve("dpop"),
    "idb-keyval": resolve("idb-keyval/dist/index.js"),
  };
}

async function readLibraryFile(library: string, file: string): Promise<string> {
  const entry = Object.entries(libraries()).find(([name]) => basename(name) === library)?.[1] ?? "";
  const code = await readFile(join(dirname(entry), file), "utf8");
  // From the sources if they run as they are; published packages contain JavaScript.
  return file.endsWith(".ts") ? stripTypeScriptTypes(code) : code;
}
