import { challengeIn, challengesFrom, createChallengeHolder, type DeviceChallenge, readJson } from "./challenge.ts";
import { createDeviceCookieKeeper } from "./device-cookie.ts";
import { DeviceError } from "./error.ts";
import { createKeyStore } from "./key-store.ts";
import { signProof } from "./proof.ts";
import { onUse } from "./signs-of-use.ts";

export interface FetchWithDeviceOptions {
  /**
   * The prefix of the middleware's ready-made routes: a path, or a URL on one of `deviceOrigins`. Default: `/session`.
   */
  routesPrefix?: string;
  /** Other origins that get proofs, such as `https://api.example.com`. Default: only the page's own. */
  deviceOrigins?: readonly string[];
  /** Gets a new challenge. Default: `GET {routesPrefix}/challenge`. */
  fetchChallenge?: () => Promise<DeviceChallenge>;
  /**
   * Returns the challenge of a response that requires a proof over a new challenge, or undefined for any other
   * response. Called with a clone for each response of 400 and above. Default: recognises the middleware's responses
   * by their `errorType`.
   */
  getChallengeFromFailedResponse?: (response: Response) => Promise<DeviceChallenge | undefined>;
  /**
   * What to do if no proof can be created, for example because the server returns no challenge: `fail` rejects the
   * request, `fetch-without-device` sends it without a proof. Default: `fail`.
   */
  fallbackBehavior?: "fail" | "fetch-without-device";
}

export interface DeviceFetch {
  fetch: typeof fetch;
  registerDevice(): Promise<Response>;
  resetDevice(): Promise<void>;
  /** Prepares the key and the challenge, so that the first request need not wait for them. */
  prepare(): void;
}

/** The implementation behind the package's exports; `send` is the browser's own `fetch`. */
export function createDeviceFetch(options: FetchWithDeviceOptions, send: typeof fetch): DeviceFetch {
  const { routesPrefix = "/session", fallbackBehavior = "fail" } = options;
  const deviceOrigins = new Set(options.deviceOrigins?.map(readOrigin));
  const keys = createKeyStore();
  const challenges = createChallengeHolder(options.fetchChallenge ?? challengesFrom(`${routesPrefix}/challenge`, send));
  const deviceCookie = createDeviceCookieKeeper(() => fetchWithDevice(routesPrefix, { credentials: "include" }));

  /** Only these origins may get a proof or see the server's challenges: others could act for the user with them. */
  function isOurs({ url }: Request): boolean {
    const { origin, protocol } = new URL(url);
    return /^https?:$/.test(protocol) && (origin === location.origin || deviceOrigins.has(origin));
  }

  async function sign(request: Request, challenge: Promise<string>): Promise<string> {
    const [keyPair, text] = await orAbort(Promise.all([keys.load(), challenge]), request.signal);
    request.headers.set("DPoP", await signProof(keyPair, request, text));
    return text;
  }

  /** The challenge that a response wants signed instead of the previous one. */
  async function newChallenge(response: Response, refused: string): Promise<string | undefined> {
    // Do not repeat a redirected request: it may have gone anywhere, and a success is already done.
    if (response.status < 400 || response.redirected) return undefined;
    if (options.getChallengeFromFailedResponse) {
      const challenge = await options.getChallengeFromFailedResponse(response.clone());
      return challenge && challenges.adopt(challenge);
    }
    if (response.status !== 425 && response.status !== 401) return undefined;
    const answer = await readJson(response.clone());
    if (answer.errorType !== "NewDeviceChallengeRequired") return undefined;
    // Use this response's own challenge, even if another request already got one: it matches this request's network
    // address.
    const challenge = challengeIn(answer, response);
    return challenge ? challenges.adopt(challenge) : challenges.replace(refused);
  }

  async function fetchWithDevice(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
    // Copies everything now, as fetch does: the caller may change a body while the proof is created.
    const request = new Request(input, init);
    if (!isOurs(request)) return send(request);
    // A stream can be sent only once, and a copy would keep all of it in memory.
    const again = init?.body instanceof ReadableStream ? undefined : request.clone();
    let signed: string;
    try {
      signed = await sign(request, challenges.current());
    } catch (error) {
      request.signal.throwIfAborted();
      if (fallbackBehavior === "fail") throw error;
      return send(request);
    }
    const response = await sendAndNote(request);
    // Whatever goes wrong here, there is a response that the caller can handle.
    const challenge = await newChallenge(response, signed).catch((error) =>
      console.warn("byo-session: the server returned no new device challenge.", error),
    );
    if (!challenge || !again) return response;
    await sign(again, Promise.resolve(challenge));
    return sendAndNote(again);
  }

  async function sendAndNote(request: Request): Promise<Response> {
    const response = await send(request);
    deviceCookie.note(response);
    return response;
  }

  return {
    fetch: fetchWithDevice,
    registerDevice: () => fetchWithDevice(`${routesPrefix}/device`, { method: "POST", credentials: "include" }),
    resetDevice: () => keys.reset(),
    prepare() {
      // The request that needs them will fail in the same way, and report it.
      keys.load().catch(() => undefined);
      challenges.prepare();
      // The challenge may have expired while nobody used the page: the first click fetches one for the request after it.
      onUse(() => document.visibilityState === "visible" && challenges.prepare());
      deviceCookie.start();
    },
  };
}

function readOrigin(text: string): string {
  const origin = URL.canParse(text) ? new URL(text).origin : "null";
  if (/^https?:/.test(origin)) return origin;
  throw new DeviceError(
    "ERR_INVALID_OPTION",
    `deviceOrigins: expected an origin such as https://api.example.com, got "${text}".`,
  );
}

/** Rejects as soon as the signal aborts. The work continues, because other requests wait for it too. */
function orAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort);
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
    if (signal.aborted) abort();
  });
}
