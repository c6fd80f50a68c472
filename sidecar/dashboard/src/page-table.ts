import type { ComponentType } from "react";
import { hrefOf } from "./api/call.ts";
import { readListInput } from "./sessions/filters.ts";

interface PageEntry {
  /** As the router writes it. */
  path: string;
  load: () => Promise<{ default: ComponentType }>;
  /** The address of the call that the page makes first. `parts` are those of its path. */
  firstCall?: (parts: readonly string[], query: URLSearchParams) => string;
}

/** The address that `/` leads to. */
export const FIRST_PATH = "sessions";

/** Each page is a separate file that is fetched when first opened. */
export const PAGES: readonly PageEntry[] = [
  {
    path: FIRST_PATH,
    load: () => import("./first-page/first-page.tsx"),
    firstCall: (_parts, query) => hrefOf("sessions/list", readListInput(query)),
  },
  {
    path: "sessions/:sessionId",
    load: () => import("./session/session-page.tsx"),
    firstCall: ([, sessionId = ""]) => hrefOf("sessions/detail", { sessionId }),
  },
  { path: "user", load: () => import("./user/user-page.tsx") },
  { path: "find", load: () => import("./search/find-page.tsx") },
  {
    path: "incident",
    load: () => import("./incident/incident-page.tsx"),
    firstCall: (_parts, query) => hrefOf("incidents/sessions", readListInput(query)),
  },
  { path: "device", load: () => import("./user/device-page.tsx") },
  { path: "impersonations", load: () => import("./impersonations/impersonations-page.tsx") },
  {
    path: "overview",
    load: () => import("./overview/overview-page.tsx"),
    firstCall: () => hrefOf("overview/health", {}),
  },
  { path: "policies/:tab?", load: () => import("./policies/policies-page.tsx") },
  { path: "settings/:tab?", load: () => import("./settings/settings-page.tsx") },
  { path: "log", load: () => import("./log/log-page.tsx") },
];

/** The page of an address. The router comes later, and its rules are the same for these paths. */
export function pageAt(parts: readonly string[]): PageEntry | undefined {
  return PAGES.find(({ path }) => {
    const pattern = path.split("/");
    const isFixed = (part: string) => !part.startsWith(":");
    const least = pattern.filter((part) => !part.endsWith("?")).length;
    const fits = parts.length >= least && parts.length <= pattern.length;
    return fits && parts.every((part, index) => !isFixed(pattern[index] ?? "") || part === pattern[index]);
  });
}
