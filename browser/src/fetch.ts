import { challengeIn, challengesFrom, createChallengeHolder, type DeviceChallenge, readJson } from "./challenge.ts";
import { createDeviceCookieKeeper } from "./device-cookie.ts";
import { DeviceError } from "./error.ts";
import { createKeyStore } from "./key-store.ts";
import { signProof } from "./proof.ts";

export interface FetchWithDeviceOptions {
  /** Where the middleware's ready-made routes are: a path, or a URL on one of `deviceOrigins`. Default: `/session`. */
  routesPrefix?: string;
  /** Origins besides the page's own that get proofs, such as `https://api.example.com`. Default: none. */
  deviceOrigins?: readonly string[];
  /** Gets a new challenge. Default: asks `GET {routesPrefix}/challenge`. */
  fetchChallenge?: () => Promise<DeviceChallenge>;
  /**
   * The challenge in an answer that asks for a proof over a new one, undefined for any other answer. It is called with a
   * clone, for each answer of 400 and above. Default: knows the middleware's answers by their `errorType`.
   */
  getChallengeFromFailedResponse?: (response: Response) => Promise<DeviceChallenge | undefined>;
  /**
   * What becomes of a request for which no proof can be made, for example because the server gives no challenge: `fail`
   * rejects it, `fetch-without-device` sends it without. Default: `fail`.
   */
  fallbackBehavior?: "fail" | "fetch-without-device";
}

export interface DeviceFetch {
  fetch: typeof fetch;
  registerDevice(): Promise<Response>;
  resetDevice(): Promise<void>;
  /** Makes key and challenge ready, so that the first request need not wait for them. */
  prepare(): void;
}

/** Everything behind the exports of the package, over `send`, which is the browser's own `fetch`. */
export function createDeviceFetch(options: FetchWithDeviceOptions, send: typeof fetch): DeviceFetch {
  const { routesPrefix = "/session", fallbackBehavior = "fail" } = options;
  const deviceOrigins = new Set(options.deviceOrigins?.map(readOrigin));
  const keys = createKeyStore();
  const challenges = createChallengeHolder(options.fetchChallenge ?? challengesFrom(`${routesPrefix}/challenge`, send));
  const deviceCookie = createDeviceCookieKeeper(() => fetchWithDevice(routesPrefix, { credentials: "include" }));

  /** A proof, or the right to see the server's challenges, is for nobody else: it would let them act for the user. */
  function isOurs({ url }: Request): boolean {
    const { origin, protocol } = new URL(url);
    return /^https?:$/.test(protocol) && (origin === location.origin || deviceOrigins.has(origin));
  }

  async function sign(request: Request, challenge: Promise<string>): Promise<string> {
    const [keyPair, text] = await orAbort(Promise.all([keys.load(), challenge]), request.signal);
    request.headers.set("DPoP", await signProof(keyPair, request, text));
    return text;
  }

  /** The challenge that an answer asks to be signed instead of the one that was. */
  async function newChallenge(response: Response, refused: string): Promise<string | undefined> {
    // A redirect may have led anywhere, and has done what the request asked for: neither is to be repeated.
    if (response.status < 400 || response.redirected) return undefined;
    if (options.getChallengeFromFailedResponse) {
      const challenge = await options.getChallengeFromFailedResponse(response.clone());
      return challenge && challenges.adopt(challenge);
    }
    if (response.status !== 425 && response.status !== 401) return undefined;
    const answer = await readJson(response.clone());
    if (answer.errorType !== "NewDeviceChallengeRequired") return undefined;
    // The answer's own challenge, also where another request got one already: it fits the address this one came from.
    const challenge = challengeIn(answer, response);
    return challenge ? challenges.adopt(challenge) : challenges.replace(refused);
  }

  async function fetchWithDevice(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
    // Takes everything as it is now, as fetch does: the caller may change a body while the proof is made.
    const request = new Request(input, init);
    if (!isOurs(request)) return send(request);
    // A stream can be sent once only, and to keep a copy would mean to hold all of it.
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
    // Whatever goes wrong here, there is an answer, and the caller can deal with it.
    const challenge = await newChallenge(response, signed).catch((error) =>
      console.warn("byo-session: the server gave no new device challenge.", error),
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
      // The request that needs them meets the same failure, and tells it.
      keys.load().catch(() => undefined);
      challenges.current().catch(() => undefined);
      deviceCookie.start();
    },
  };
}

function readOrigin(text: string): string {
  const origin = URL.canParse(text) ? new URL(text).origin : "null";
  if (/^https?:/.test(origin)) return origin;
  throw new DeviceError(
    "ERR_INVALID_OPTION",
    `deviceOrigins: expected one like https://api.example.com, got "${text}".`,
  );
}

/** Rejects as soon as the signal says so. The work goes on: other requests wait for it too. */
function orAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort);
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
    if (signal.aborted) abort();
  });
}
