import type { ComponentType } from "react";
import { hrefOf } from "./api/call.ts";
import { readListInput } from "./sessions/filters.ts";

type Module = { default: ComponentType };

interface PageEntry {
  /** As the router writes it. */
  path: string;
  load: () => Promise<Module>;
  /** What to draw, once it is there. */
  loaded: () => ComponentType | undefined;
  /** The address of the call that the page makes first. `parts` are those of its path. */
  firstCall?: (parts: readonly string[], query: URLSearchParams) => string;
}

/** The address that `/` leads to. */
export const FIRST_PATH = "sessions";

/** Each page is a separate file that is fetched when first opened. */
const page = (path: string, fetchModule: () => Promise<Module>, firstCall?: PageEntry["firstCall"]): PageEntry => {
  let content: ComponentType | undefined;
  return {
    path,
    ...(firstCall && { firstCall }),
    loaded: () => content,
    async load() {
      const module = await fetchModule();
      content = module.default;
      return module;
    },
  };
};

export const PAGES: readonly PageEntry[] = [
  page(
    FIRST_PATH,
    () => import("./first-page/first-page.tsx"),
    (_parts, query) => hrefOf("sessions/list", readListInput(query)),
  ),
  page(
    "sessions/:sessionId",
    () => import("./session/session-page.tsx"),
    ([, sessionId = ""]) => hrefOf("sessions/detail", { sessionId }),
  ),
  page("user", () => import("./user/user-page.tsx")),
  page("find", () => import("./search/find-page.tsx")),
  page(
    "incident",
    () => import("./incident/incident-page.tsx"),
    (_parts, query) => hrefOf("incidents/sessions", readListInput(query)),
  ),
  page("device", () => import("./user/device-page.tsx")),
  page("impersonations", () => import("./impersonations/impersonations-page.tsx")),
  page(
    "overview",
    () => import("./overview/overview-page.tsx"),
    () => hrefOf("overview/health", {}),
  ),
  page("policies/:tab?", () => import("./policies/policies-page.tsx")),
  page("settings/:tab?", () => import("./settings/settings-page.tsx")),
  page("log", () => import("./log/log-page.tsx")),
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
