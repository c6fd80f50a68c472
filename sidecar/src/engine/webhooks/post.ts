import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
import { TargetRefused, type Targets } from "./targets.ts";

/** What came of an attempt. `status` is null if there was no answer. */
export interface Attempt {
  isDelivered: boolean;
  status: number | null;
  /** Why it was not delivered, in our words: nothing of an answer is kept, as it may come from a server inside. */
  error: string | null;
  /** How long the receiver asked to wait, in seconds. */
  retryAfterSecs: number | null;
}

export interface Post {
  (url: string, headers: Record<string, string>, body: string, signal?: AbortSignal): Promise<Attempt>;
  close(): void;
}

/** Including the name's resolution and the whole answer. Standard Webhooks: 15 to 30 seconds. */
const POST_LIMIT_MS = 15_000;
/** Answers are not used, only read so that the connection can be used again. */
const MAX_ANSWER_BYTES = 64 * 1024;
const IDLE_MS = 4_000;

/** Sends webhooks. Redirects are not followed: they would lead past the check of the target. */
export function createPost(targets: Targets): Post {
  const options = { keepAlive: true, timeout: IDLE_MS };
  const agents = { http: new HttpAgent(options), https: new HttpsAgent(options) };

  async function once(url: URL, headers: Record<string, string>, body: string, signal: AbortSignal): Promise<Attempt> {
    targets.refuseAddress(url);
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const all = {
      ...headers,
      "content-type": "application/json",
      "content-length": String(Buffer.byteLength(body)),
      "user-agent": "byo-sidecar",
    };
    const common = { method: "POST", headers: all, lookup: targets.lookupFor(url), signal };
    const sent =
      url.protocol === "https:"
        ? requestHttps(url, { ...common, agent: agents.https })
        : requestHttp(url, { ...common, agent: agents.http });
    sent.once("response", resolve).once("error", reject).end(body);
    try {
      const answer = await promise;
      // The status says whether the receiver has it, however the rest of the answer ends.
      await readAway(answer).catch(() => {});
      return attemptOf(answer);
    } catch (error) {
      // The receiver closed an idle connection just then; it has not seen the request.
      if (sent.reusedSocket && codeOf(error) === "ECONNRESET") return once(url, headers, body, signal);
      throw error;
    }
  }

  async function post(url: string, headers: Record<string, string>, body: string, signal?: AbortSignal) {
    const limit = AbortSignal.timeout(POST_LIMIT_MS);
    try {
      return await once(new URL(url), headers, body, signal ? AbortSignal.any([limit, signal]) : limit);
    } catch (error) {
      return failed(limit.aborted ? `no answer within ${POST_LIMIT_MS / 1000} seconds` : reasonOf(error));
    }
  }

  return Object.assign(post, {
    close() {
      agents.http.destroy();
      agents.https.destroy();
    },
  });
}

async function readAway(answer: IncomingMessage): Promise<void> {
  let bytes = 0;
  for await (const chunk of answer) {
    bytes += Buffer.isBuffer(chunk) ? chunk.length : 0;
    // Leaving the loop ends the connection.
    if (bytes > MAX_ANSWER_BYTES) break;
  }
}

function attemptOf({ statusCode: status = 0, headers }: IncomingMessage): Attempt {
  if (status >= 200 && status < 300) return { isDelivered: true, status, error: null, retryAfterSecs: null };
  const isRedirect = status >= 300 && status < 400;
  const error = isRedirect
    ? "redirects are not followed: enter the URL that it leads to"
    : "expected a status from 200 to 299";
  const retryAfter = headers["retry-after"] ?? "";
  return { ...failed(error), status, retryAfterSecs: /^\d{1,6}$/.test(retryAfter) ? Number(retryAfter) : null };
}

function failed(error: string): Attempt {
  return { isDelivered: false, status: null, error, retryAfterSecs: null };
}

function reasonOf(error: unknown): string {
  if (error instanceof TargetRefused) return error.message;
  const code = codeOf(error);
  return code === undefined ? "the request failed" : `the connection failed: ${code}`;
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  // Of a name with several addresses, one error for each.
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  return "code" in error && typeof error.code === "string" ? error.code : undefined;
}
