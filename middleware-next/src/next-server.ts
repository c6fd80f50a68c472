import {
  RouterServerContextSymbol,
  routerServerGlobal,
} from "next/dist/server/lib/router-utils/router-server-context.js";

/** What Next's server says of the application that it serves, where that is one only. */
export function servedByNext(): { readonly basePath: string; readonly buildFolder: string } | undefined {
  const [only, ...others] = Object.entries(routerServerGlobal[RouterServerContextSymbol] ?? {});
  const config = others.length === 0 ? only?.[1].nextConfig : undefined;
  return config && { basePath: config.basePath ?? "", buildFolder: `${only?.[0] || "."}/${config.distDir ?? ".next"}` };
}

/** A proxy on the edge runtime has its own globals and no modules of Node. */
export const IS_EDGE = "EdgeRuntime" in globalThis;
