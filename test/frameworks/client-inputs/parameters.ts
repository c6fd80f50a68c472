import { IS_LONG } from "../../harness/is-long.ts";
import { PUBLIC_URL } from "../conformance/device-browser.ts";
import type { HostOptions } from "../conformance/host.ts";

/** The long tests look elsewhere each time; what fails there names its seed. */
export const SEED = IS_LONG ? Date.now() % 2 ** 31 : 20_261_127;
/** Beside the sweep over all headers. */
export const RUNS = IS_LONG ? 600 : 20;
/** Those of `npm test` divide the sweep among them; in the long tests each host gets all of it. */
const SHARING = IS_LONG ? [] : ["Express 5", "Fastify 5", "Hono 4", "Koa 3"];

/** Whether a host is sent this one of the sweep. */
export function sharesOf(host: string): (at: number) => boolean {
  const own = SHARING.indexOf(host);
  return (at) => own === -1 || at % SHARING.length === own;
}
/** What fails here is no matter of luck, and takes its time. */
export const PATIENCE = { retry: 0, timeout: IS_LONG ? 600_000 : 120_000 };

/** An app whose options matter to the states. */
export interface TriedApp {
  readonly title: string;
  readonly options: HostOptions;
}

const COMMON = {
  publicUrl: PUBLIC_URL,
  routes: { prefix: "/session" },
  // A proof and a rotation take a while where everything runs at once.
  timeoutMs: 10_000,
} as const;

/** All options are on: the more is read, the more could be tricked. */
export const EVERY_DOOR: TriedApp = {
  title: "an app with every option",
  options: {
    ...COMMON,
    loginUrl: "/sign-in?from=guard",
    trustedOrigins: ["https://admin.example"],
    bearer: true,
    stateless: { maxAgeSecs: 300 },
  },
};

export const OF_PAGES: TriedApp = {
  title: "an app of pages, which looks at the session when asked",
  options: { ...COMMON, device: "recent", lazy: true, challengeStatus: 401 },
};
