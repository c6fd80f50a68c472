import { ConfigurationError } from "@byo-session/core";
import { safePathToRegexp } from "next/dist/shared/lib/router/utils/route-match-utils.js";

/**
 * Whether a path is one of those that the patterns name, which are written as Next's own `matcher` and `rewrites` are.
 *
 * @throws ConfigurationError `ERR_BYO_OPTIONS` for a pattern that it does not know.
 */
export function createPathMatcher(patterns: readonly string[]): (path: string) => boolean {
  const expressions = patterns.map(toExpression);
  return (path) => {
    const plain = plainPath(path);
    return expressions.some((expression) => expression.test(plain));
  };
}

/** Whether a path is that of an address of this application, in whatever spelling. */
export function isPathOf(address: string | undefined): (path: string) => boolean {
  if (!address?.startsWith("/")) return () => false;
  const [known = ""] = address.split(/[?#]/, 1);
  return (path) => plainPath(path) === plainPath(known);
}

function toExpression(pattern: string): RegExp {
  try {
    if (!/^\/\S*$/.test(pattern)) throw new Error("no path");
    // A first screen may look at more than Next's router would take for the page: `rewrites` know no case.
    return safePathToRegexp(decode(pattern), [], { delimiter: "/", sensitive: false });
  } catch (cause) {
    throw new ConfigurationError(
      "ERR_BYO_OPTIONS",
      `createSessions(): \`protect\`: expected paths such as "/account", "/orders/:id" or "/admin/:path*", got "${pattern}"`,
      { cause },
    );
  }
}

/** A path in the one spelling that is compared: another spelling of a page must not be a way round its guard. */
function plainPath(path: string): string {
  // What Next's router asks for belongs to the page before it.
  const page = path.replace(/(?:\.segments\/.+\.segment)?\.rsc$/, "");
  return decode(page)
    .replaceAll(/\/{2,}/g, "/")
    .replace(/(?<=.)\/$/, "");
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
