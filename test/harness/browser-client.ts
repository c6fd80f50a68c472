import { CookieJar, type SerializedCookieJar } from "tough-cookie";
import { request } from "undici";

/** How the request came about, as a browser tells in its Sec-Fetch headers. */
export type RequestSite = "same-origin" | "same-site" | "cross-site" | "none";

export interface BrowserRequest {
  method?: string;
  /** Sent as they are, over what the browser itself would send. Undefined as a value leaves a header out. */
  headers?: Record<string, string | undefined>;
  body?: string;
  /** Sends a JSON body and its content type. */
  json?: unknown;
  /** Sends a form body and its content type. */
  form?: Record<string, string>;
  site?: RequestSite;
  /** A page load, as by a link or a form; otherwise the fetch of a script. */
  navigate?: boolean;
  /** The answer never arrives: its cookies are not kept. */
  dropAnswer?: boolean;
}

export interface BrowserAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  /** The lines as sent, in order. */
  setCookies: string[];
  text: string;
  json<T = unknown>(): T;
}

/** What a jar held, to be put back later: a browser that crashed may come back with an older one. */
export type JarSnapshot = SerializedCookieJar;

export interface BrowserClient {
  fetch(path: string, request?: BrowserRequest): Promise<BrowserAnswer>;
  /** Loads a page and follows its redirects, as a click or a submitted form does. */
  navigate(path: string, request?: BrowserRequest): Promise<BrowserAnswer>;
  cookie(name: string): Promise<string | undefined>;
  setCookie(line: string): Promise<void>;
  snapshot(): Promise<JarSnapshot>;
  restore(snapshot: JarSnapshot): Promise<void>;
}

export interface BrowserOptions {
  userAgent?: string;
  /** Sent as X-Forwarded-For, for an app that trusts it: every browser of a test is on the same loopback address. */
  ip?: string;
}

export const CHROME_ON_LINUX =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/149.0.0.0 Safari/537.36";
const MAX_REDIRECTS = 5;

/**
 * A simulated browser on one origin: a cookie jar by RFC 6265, and the headers that a browser adds by itself.
 *
 * @param base What paths are put behind: the origin, and the path of an app that lies below one.
 */
export function createBrowserClient(base: string, options: BrowserOptions = {}): BrowserClient {
  const { origin } = new URL(base);
  const { userAgent = CHROME_ON_LINUX, ip } = options;
  let jar = new CookieJar();

  async function fetch(path: string, init: BrowserRequest = {}): Promise<BrowserAnswer> {
    // Joined as text: a test may send a target that a URL parser would change.
    const url = `${base}${path}`;
    const method = init.method ?? (hasBody(init) ? "POST" : "GET");
    const { body, type } = encodeBody(init);
    const cookie = await jar.getCookieString(origin + new URL(url).pathname);
    const headers = defined({
      "user-agent": userAgent,
      "x-forwarded-for": ip,
      ...fetchMetadata(origin, method, init),
      cookie: cookie || undefined,
      "content-type": type,
      ...init.headers,
    });
    const answer = await request(url, { method: method as "GET", headers, body: body ?? null });
    const text = await answer.body.text();
    const setCookies = [answer.headers["set-cookie"] ?? []].flat();
    if (!init.dropAnswer) for (const line of setCookies) await jar.setCookie(line, url, { ignoreError: true });
    return {
      status: answer.statusCode,
      headers: answer.headers,
      setCookies,
      text,
      json: <T>() => JSON.parse(text) as T,
    };
  }

  return {
    fetch,
    async navigate(path, init = {}) {
      let answer = await fetch(path, { site: "none", ...init, navigate: true });
      for (let hop = 0; hop < MAX_REDIRECTS && answer.status >= 300 && answer.status < 400; hop++) {
        const target = new URL(String(answer.headers.location), origin);
        if (target.origin !== origin) return answer;
        answer = await fetch(target.pathname + target.search, { site: "same-origin", navigate: true });
      }
      return answer;
    },
    cookie: async (name) => (await jar.getCookies(origin)).find(({ key }) => key === name)?.value,
    setCookie: async (line) => void (await jar.setCookie(line, origin)),
    snapshot: () => jar.serialize(),
    restore: async (snapshot) => {
      jar = await CookieJar.deserialize(snapshot);
    },
  };
}

function hasBody({ body, json, form }: BrowserRequest): boolean {
  return body !== undefined || json !== undefined || form !== undefined;
}

function encodeBody({ body, json, form }: BrowserRequest): { body?: string; type?: string } {
  if (json !== undefined) return { body: JSON.stringify(json), type: "application/json" };
  if (form) return { body: new URLSearchParams(form).toString(), type: "application/x-www-form-urlencoded" };
  return body === undefined ? {} : { body };
}

function fetchMetadata(origin: string, method: string, { site = "same-origin", navigate = false }: BrowserRequest) {
  const changes = method !== "GET" && method !== "HEAD";
  return {
    "sec-fetch-site": site,
    "sec-fetch-mode": navigate ? "navigate" : "cors",
    "sec-fetch-dest": navigate ? "document" : "empty",
    origin: changes ? (site === "same-origin" || site === "none" ? origin : "https://elsewhere.example") : undefined,
  };
}

function defined(headers: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
