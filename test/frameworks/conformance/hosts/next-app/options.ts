import type { SessionOptions } from "@byo-session/next";
import { createFixedApp, isProtected, isSkipped } from "../../app.ts";

/** Shared by proxy and server, because Next loads separate modules for the two. */
const home: { fixedApp?: ReturnType<typeof createFixedApp>; readonly performance?: unknown } = globalThis;
home.fixedApp ??= createFixedApp();
export const fixed = home.fixedApp;

/** The same in each host: below a path or not, with a slash at its end or without. */
export const plainPath = (path: string): string => path.replace(/^\/shop(?=\/)/, "").replace(/(?<=.)\/$/, "");
const pathOf = (url: string) => plainPath(new URL(url).pathname);

/** Those of the suite, and what every host adds to them. Read late: there is no suite when the app is built. */
export function hostOptions(): SessionOptions {
  return {
    ...JSON.parse(process.env.HOST_OPTIONS ?? "{}"),
    skip: ({ url }) => isSkipped(pathOf(url)),
    crossOriginProtection: ({ url }) => isProtected(pathOf(url)),
    legacySession: ({ headers }) => fixed.legacySession(headers.get("cookie") ?? undefined),
    onNewDevice: fixed.onNewDevice,
    clientIp: ({ headers }) => headers.get("x-forwarded-for")?.split(",").at(-1)?.trim(),
  };
}
