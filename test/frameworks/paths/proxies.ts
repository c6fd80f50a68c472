import type { PathChange } from "../../harness/path-proxy.ts";
import type { Place } from "./host.ts";

/** What stands between browsers and the application. */
export interface Proxy {
  readonly title: string;
  /** Of the places, those that can stand behind it. */
  fits(place: Place): boolean;
  changeOf(place: Place): PathChange | undefined;
  /** Where browsers find the application. */
  baseOf(place: Place): string;
}

export const PROXIES: readonly Proxy[] = [
  {
    title: "without a proxy",
    fits: () => true,
    changeOf: () => undefined,
    baseOf: ({ path }) => path,
  },
  {
    title: "behind a proxy that takes a prefix away",
    fits: () => true,
    changeOf: () => ({ removes: "/outer" }),
    baseOf: ({ path }) => `/outer${path}`,
  },
  {
    title: "behind a proxy that adds a prefix",
    fits: ({ path }) => path !== "",
    changeOf: ({ path }) => ({ adds: path }),
    baseOf: () => "",
  },
  {
    title: "behind a proxy that replaces one prefix with another",
    fits: ({ path }) => path !== "",
    changeOf: ({ path }) => ({ removes: "/outer", adds: path }),
    baseOf: () => "/outer",
  },
];
