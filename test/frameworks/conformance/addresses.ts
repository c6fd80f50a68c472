import { PUBLIC_PATH } from "./device-browser.ts";
import type { ConformanceHost } from "./host.ts";

/** How an app's addresses are written, and read: the cases know them as the table of host.ts has them. */
export interface Addresses {
  /** The path that the app lies below. */
  readonly below: string;
  /** A path and its query, as the app's own links have it. */
  written(path: string): string;
  /** The address of a redirect, as the cases expect it. One that leads out of the app says so. */
  read(location: string): string;
}

export function addressesOf({ below = "", endsPathsWithSlash }: ConformanceHost): Addresses {
  return {
    below,
    // What is no plain path, and a file, is sent as it is.
    written: (path) => (endsPathsWithSlash ? path.replace(/^(\/[\w%/-]*[\w-])(?=$|\?)/, "$1/") : path),
    read(location) {
      const publicly = [PUBLIC_PATH, ""].find((prefix) => location.startsWith(`${prefix}${below}/`));
      const isOutside = location.startsWith("/") && publicly === undefined;
      const within = isOutside ? `outside of ${below}: ${location}` : location.replace(below, "");
      return endsPathsWithSlash ? within.replace(/(returnTo=%2F[^&]*?)%2F(?=$|&|%3F)/, "$1") : within;
    },
  };
}
