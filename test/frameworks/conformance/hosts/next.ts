import { buildNextApp, startNextApp } from "../../../harness/next-app.ts";
import type { ConformanceHost } from "../host.ts";

const FOLDER = "test/frameworks/conformance/hosts";

const NO_UPGRADES = "Next serves no WebSockets; authenticateUpgrade() is for an application's own Node server";
const ANSWERS_ITSELF = "Next answers by itself, before any code of an application's: 308 for `//`, else 500";
const NO_DOTS = "Next answers `/session/..` by 308 to the app's own address, without the slash at its end";
const ASKS_FIRST =
  "on the edge runtime nothing tells handlers from pages: the middleware's cookie goes out first, the handler's last";
const COUNTS_FIRST =
  "a middleware on the edge runtime does not know the guards behind it, and counts what it validates";
const HIDDEN = "Next 15 hides that header; a successor that nobody uses does no harm";

const WITHOUT_SERVER: Record<string, string> = {
  "an upgrade gives the session, its end, and a way to ask again later": NO_UPGRADES,
  "an upgrade from a page of another origin is refused": NO_UPGRADES,
  "an upgrade without a session gets the whole answer": NO_UPGRADES,
  "the client's address of an upgrade is the one that the app trusts": NO_UPGRADES,
  "an upgrade of a bound session needs a ticket, of its own, which serves once": NO_UPGRADES,
  "a handshake that is reset, at any stage, ends nothing but itself": NO_UPGRADES,
};

const CANNOT: Record<string, string> = {
  "// and what a URL parser takes for another host is a path like any other": ANSWERS_ITSELF,
  "a page load of // leads to no other site after the login": ANSWERS_ITSELF,
  "TRACE from another site is refused as every unsafe method": ANSWERS_ITSELF,
};

const ON_THE_EDGE: Record<string, string> = {
  "a device is bound after the login, once; the app is told, and from then on a proof is needed":
    "a middleware on the edge runtime has a world of its own: what it notices the app's server does not see",
  "a handler that logs out while the session rotates: only the clearing is sent": ASKS_FIRST,
  "polling does not keep a session from becoming inactive": COUNTS_FIRST,
  "the answer to a poll that was under way at the logout brings no cookie back": ASKS_FIRST,
};

const CANNOT_15: Record<string, string> = {
  'a prefetch by "next-router-prefetch: 1" is validated and not rotated': HIDDEN,
  'a prefetch by "next-router-segment-prefetch: /_tree" is validated and not rotated': HIDDEN,
};

type Written = Pick<ConformanceHost, "below" | "endsPathsWithSlash"> & { server?: string };

function createHost(
  name: string,
  app: string,
  cannot: Record<string, string>,
  { server, ...written }: Written = {},
): ConformanceHost {
  return {
    name,
    endings: { "cookies-of-next": ["own=1"] },
    cannot,
    ...written,
    async start({ sidecarUrl, integrationKey, options }) {
      await buildNextApp(`${FOLDER}/${app}`, [`${FOLDER}/next-app`]);
      const variables = {
        BYO_URL: sidecarUrl,
        BYO_INTEGRATION_KEY: integrationKey,
        HOST_OPTIONS: JSON.stringify(options),
      };
      const running = await startNextApp(`${FOLDER}/${app}`, variables, server);
      // The suite's cookies have the address as their domain.
      return { ...running, url: running.url.replace("localhost", "127.0.0.1") + (written.below ?? "") };
    },
  };
}

const CANNOT_16: Record<string, string> = {
  ...CANNOT,
  "OPTIONS * is not answered as a fault of the server": ANSWERS_ITSELF,
  "a target that is not a URL is the client's error": ANSWERS_ITSELF,
};

export const next16Host: ConformanceHost = createHost("Next 16 (proxy.ts)", "next16", {
  ...CANNOT_16,
  ...WITHOUT_SERVER,
});
export const next16ShopHost: ConformanceHost = createHost(
  "Next 16 (basePath, own server)",
  "next16-shop",
  {
    ...CANNOT_16,
    "below /session an unknown path is 404, and the list needs a session": NO_DOTS,
  },
  {
    below: "/shop",
    server: "server.ts",
  },
);
export const next15Host: ConformanceHost = createHost("Next 15 (middleware.ts)", "next15", {
  ...CANNOT,
  ...CANNOT_15,
  ...WITHOUT_SERVER,
  ...ON_THE_EDGE,
});
export const next15SlashHost: ConformanceHost = createHost(
  "Next 15 (trailingSlash, middleware.ts on Node)",
  "next15/slash",
  {
    ...CANNOT,
    ...CANNOT_15,
    ...WITHOUT_SERVER,
    "a target that is not a URL is the client's error": ANSWERS_ITSELF,
  },
  { endsPathsWithSlash: true },
);
