import { expect } from "vitest";
import {
  type BrowserAnswer,
  type BrowserClient,
  type BrowserOptions,
  createBrowserClient,
} from "../../harness/browser-client.ts";
import type { OpenIdProvider } from "../../harness/openid-provider.ts";
import type { TcpProxy } from "../../harness/tcp-proxy.ts";
import type { TestSidecar } from "../../harness/test-sidecar.ts";
import { type Addresses, addressesOf } from "./addresses.ts";
import type { ConformanceHost } from "./host.ts";
import type { Recorder } from "./recorder.ts";

export const COOKIE = "__Host-sessionToken";
export const CLEARED = `${COOKIE}=; Max-Age=0; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; SameSite=Lax`;

/** Longer than the rotation interval: the next request of a session is answered with a successor. */
export const UNTIL_ROTATION_SECS = 3700;

export type Case = (tools: CaseTools) => Promise<void>;

/** Cases by their names, which are unique in the whole suite. */
export interface CaseGroup {
  readonly title: string;
  readonly cases: Readonly<Record<string, Case>>;
}

export interface CaseTools extends Pick<Addresses, "below" | "written"> {
  readonly host: ConformanceHost;
  /** Of the running app. */
  readonly url: string;
  readonly sidecar: TestSidecar;
  /** Between the app and the sidecar. */
  readonly link: TcpProxy;
  readonly provider: OpenIdProvider;
  /** What it is answered is compared between the hosts. */
  browser(options?: BrowserOptions): BrowserClient;
  /** A browser that has logged in, as a user of its own unless told otherwise. */
  loggedIn(login?: object, options?: BrowserOptions): Promise<BrowserClient>;
  /** Runs an action of the app, and gives its value. */
  act(browser: BrowserClient, name: string, body?: unknown): Promise<ActAnswer>;
}

type ActAnswer = Awaited<ReturnType<BrowserClient["fetch"]>> & { value: unknown };

let users = 0;

export function createTools(
  given: Pick<CaseTools, "host" | "url" | "sidecar" | "link" | "provider">,
  { record }: Recorder,
): CaseTools {
  const { below, written, read } = addressesOf(given.host);

  function browser(options: BrowserOptions = {}): BrowserClient {
    const client = createBrowserClient(given.url, options);
    return {
      ...client,
      async fetch(path, init = {}) {
        const asked = await client.fetch(written(path), init);
        const unslashed = unslashedFor(path, asked);
        const received = unslashed === undefined ? asked : await client.fetch(unslashed, init);
        const { location } = received.headers;
        const headers =
          typeof location === "string" ? { ...received.headers, location: read(location) } : received.headers;
        const answer = { ...received, headers };
        record(init.method ?? (init.json === undefined && !init.form ? "GET" : "POST"), path, answer);
        return answer;
      },
    };
  }

  /** A framework may know an address only without the slash at its end, and send browsers there: they send the same again. */
  function unslashedFor(path: string, { status, headers: { location } }: BrowserAnswer): string | undefined {
    const unslashed = path.replace(/(?<=[^/])\/(?=$|\?)/, "");
    const isThere = status === 308 && typeof location === "string" && read(location) === unslashed;
    return isThere && unslashed !== path ? unslashed : undefined;
  }

  return {
    ...given,
    ...{ below, written },
    browser,
    async loggedIn(login = {}, options = {}) {
      const client = browser(options);
      users++;
      const answer = await client.fetch("/login", { json: { userId: `user-${users}`, ...login } });
      expect([answer.status, answer.text]).toEqual([200, expect.any(String)]);
      return client;
    },
    async act(client, name, json = {}) {
      const answer = await client.fetch(`/act/${name}`, { json });
      return { ...answer, value: answer.status === 200 ? answer.json<{ value?: unknown }>().value : undefined };
    },
  };
}

/** The token of a browser that has one. */
export async function tokenOf(browser: BrowserClient, name = COOKIE): Promise<string> {
  const token = await browser.cookie(name);
  if (token === undefined) throw new Error("the browser has no session cookie");
  return token;
}

/** Sends a token, regardless of the cookie jar. */
export function withToken(token: string, headers: Record<string, string | undefined> = {}) {
  return { headers: { cookie: `${COOKIE}=${token}`, ...headers } };
}

/** The lines of a response that set the session cookie. */
export function ours({ setCookies }: { setCookies: string[] }, name = COOKIE): string[] {
  return setCookies.filter((line) => line.startsWith(`${name}=`));
}
