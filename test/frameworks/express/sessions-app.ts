import { createRequire } from "node:module";
import { byoSession, requireSession } from "@byo-session/express";
import express5, { type Express } from "express";
import { type BrowserClient, type BrowserOptions, createBrowserClient } from "../../harness/browser-client.ts";
import { serve } from "../../harness/serve.ts";
import { TEST_INTEGRATION_KEY } from "../../harness/sidecar-environment.ts";

export type MiddlewareOptions = NonNullable<Parameters<typeof byoSession>[0]>;

// The types of Express 5 describe all that these tests use of Express 4.
const express4: () => Express = createRequire(import.meta.url)("express4");

export const EXPRESS_VERSIONS: readonly (readonly [name: string, create: () => Express])[] = [
  ["Express 5", express5],
  ["Express 4", express4],
];

export const COOKIE = "__Host-sessionToken";

export interface SessionsAppOptions {
  /** Where the sidecar listens, the real one or a scripted one. */
  sidecarUrl: string;
  create?: () => Express;
  options?: MiddlewareOptions;
  /** Runs before the middleware is mounted. */
  before?: (app: Express) => void;
  /** Adds routes behind the middleware. */
  routes?: (app: Express) => void;
}

export interface SessionsApp {
  readonly url: string;
  readonly sessions: ReturnType<typeof byoSession>;
  readonly server: Awaited<ReturnType<typeof serve>>["server"];
  browser(options?: BrowserOptions): BrowserClient;
  /** A browser that has logged in, as a user of its own unless told otherwise. */
  loggedIn(login?: object, options?: BrowserOptions): Promise<BrowserClient>;
}

let users = 0;

/** An app with a login, an open page and a guarded one, served over real HTTP. */
export async function startSessionsApp(wanted: SessionsAppOptions): Promise<SessionsApp> {
  const { create = express5, sidecarUrl, options = {}, before, routes } = wanted;
  const app = create();
  const connection = options.client ? {} : { url: sidecarUrl, integrationKey: TEST_INTEGRATION_KEY };
  const sessions = byoSession({ ...connection, ...options });
  app.set("trust proxy", 1);
  before?.(app);
  app.use(sessions);
  app.use(express5.json());
  app.post("/login", (req, res, next) => {
    req.byo.login(req.body).then((session) => res.json(session), next);
  });
  app.get("/open", (req, res) => {
    res.json({ session: req.session });
  });
  app.all("/me", requireSession(), (req, res) => {
    res.json({ session: req.session });
  });
  routes?.(app);
  const { url, server } = await serve(app);

  const browser = (browserOptions: BrowserOptions = {}) => createBrowserClient(url, browserOptions);
  return {
    url,
    sessions,
    server,
    browser,
    async loggedIn(login = {}, browserOptions = {}) {
      const client = browser(browserOptions);
      users++;
      const answer = await client.fetch("/login", { json: { userId: `user-${users}`, ...login } });
      if (answer.status !== 200) throw new Error(`login answered ${answer.status}: ${answer.text}`);
      return client;
    },
  };
}
