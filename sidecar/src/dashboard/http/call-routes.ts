import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { SystemConfig } from "../../engine/config/system-config.ts";
import type { Admission } from "../../engine/listening/admission.ts";
import type { Logins } from "../access/logins.ts";
import type { Caller } from "../caller.ts";
import { type AnyCall, CALLS, type CallContext } from "../calls.ts";
import { API_PREFIX, BACKGROUND_HEADER } from "../contract/addresses.ts";
import type { EventStream } from "../event-stream.ts";
import type { FileDownload } from "../export.ts";
import { Refusal } from "../refusal.ts";
import { requirePassword } from "../require-password.ts";
import { createTurnsOf } from "../turns.ts";
import { answerError, errorOf } from "./answers.ts";
import { clientAddress } from "./client-address.ts";
import { crossSiteProblem, WRONG_HOST } from "./request-checks.ts";
import { type RequestTiming, serverTiming, startTiming, timed } from "./server-timing.ts";

export interface CallRoutesDependencies {
  context: CallContext;
  logins: Logins;
  whereToFindIp: () => SystemConfig["where_to_find_ip"];
  admission: Admission;
  onUnexpected: (error: unknown) => void;
}

declare module "fastify" {
  interface FastifyRequest {
    dashboardCaller: Caller | null;
    dashboardTiming: RequestTiming | null;
  }
}

/** The longest policy as JSON, where each quote takes two characters, and the other fields of a call. */
const POLICY_BODY_BYTES = 320 * 1024;
const BODY_BYTES = 32 * 1024;
/** Per person: a page asks for a few things at once. */
const CALLS_AT_ONCE = 4;
const MAX_WAITING = 100;
const MAX_USER_AGENT_CHARS = 1024;

/** Adds a route for every call. All checks come before a body is read. */
export function addCallRoutes(app: FastifyInstance, deps: CallRoutesDependencies): void {
  const turnsOf = createTurnsOf(CALLS_AT_ONCE, MAX_WAITING);
  // A server that closes waits for its open answers.
  app.addHook("preClose", async () => deps.context.live.close());
  app.register(
    async (scope) => {
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser("application/json", { parseAs: "string" }, (_request, body, done) => {
        try {
          done(null, body === "" ? {} : JSON.parse(String(body)));
        } catch {
          done(new Refusal({ type: "InvalidInput", message: "Expected JSON." }));
        }
      });
      scope.decorateRequest("dashboardCaller", null);
      scope.decorateRequest("dashboardTiming", null);
      // For people who are logged in only: how long a login took would tell a stranger how far it came.
      scope.addHook("onSend", async ({ dashboardTiming, dashboardCaller }, reply) => {
        if (dashboardTiming && dashboardCaller?.login) reply.header("server-timing", serverTiming(dashboardTiming));
      });
      scope.setErrorHandler((error, _request, reply) => answerError(reply, errorOf(error, deps.onUnexpected)));
      scope.setNotFoundHandler((request, reply) =>
        answerError(reply, deps.admission(request.raw) ? { type: "NotFound", message: "No such call." } : WRONG_HOST),
      );
      for (const [name, call] of Object.entries<AnyCall>(CALLS)) {
        scope.route({
          method: call.method,
          url: `/${name}`,
          bodyLimit: call.takesPolicy ? POLICY_BODY_BYTES : BODY_BYTES,
          onRequest(request, reply) {
            request.dashboardTiming = startTiming();
            return timed(request.dashboardTiming, () => admit(call, request, reply));
          },
          handler: (request, reply) =>
            timed(request.dashboardTiming ?? startTiming(), () => answer(call, request, reply)),
        });
      }
    },
    { prefix: API_PREFIX },
  );

  async function admit(call: AnyCall, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const source = deps.admission(request.raw);
    if (source === undefined) throw new Refusal(WRONG_HOST);
    const problem = crossSiteProblem(request.method, request.headers);
    if (problem) throw new Refusal(problem);
    const whyEnded = () => deps.logins.whyEnded(request.headers.cookie);
    const stranger = { ...callerOf(request, reply), source, whyEnded };
    const isBackground = call.isBackground === true || request.headers[BACKGROUND_HEADER] !== undefined;
    const login = await deps.logins.authenticate(request.headers.cookie, stranger, isBackground);
    const caller = { ...stranger, login };
    refuseByAccess(call, caller);
    request.dashboardCaller = caller;
  }

  async function answer(call: AnyCall, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const raw = request.method === "GET" ? request.query : request.body;
    const caller = request.dashboardCaller;
    if (!caller) throw new Error("a call got past the check of its caller");
    const run = () => call.answer(raw, caller, deps.context);
    const result = await (call.access === "anyone" || !caller.login ? run() : turnsOf(caller.login.userId)(run));
    reply.header("cache-control", "no-store");
    if (isStream(result)) return reply.header("content-type", "text/event-stream").send(result.stream);
    if (!isFile(result)) return reply.send(result);
    return reply
      .header("content-type", result.contentType)
      .header("content-disposition", `attachment; filename="${result.filename}"`)
      .send(result.content);
  }

  function callerOf(request: FastifyRequest, reply: FastifyReply): Omit<Caller, "login" | "source" | "whyEnded"> {
    return {
      ipAddress: clientAddress(request.socket.remoteAddress ?? "", request.headers, deps.whereToFindIp()),
      userAgent: request.headers["user-agent"]?.slice(0, MAX_USER_AGENT_CHARS),
      // The last one counts: the cookie of a new login replaces the one from rotating the old login.
      setCookie: (line) => void reply.removeHeader("set-cookie").header("set-cookie", line),
    };
  }
}

/** The only place that checks whether a role may make a call, before anything else of the call. */
function refuseByAccess({ access, password }: AnyCall, { login, ...caller }: Caller): void {
  if (access === "anyone") return;
  if (!login) throw new Refusal({ type: "NotLoggedIn", message: "Log in first." });
  if (access === "temporary") return;
  if (login.temporaryUntil !== null) {
    throw new Refusal({ type: "PasswordChangeRequired", message: "Choose your own password first." });
  }
  if (!access.includes(login.role)) {
    throw new Refusal({ type: "Forbidden", message: `This needs the role ${access.join(" or ")}.` });
  }
  if (password === "always") requirePassword({ ...caller, login });
}

function isStream(result: unknown): result is EventStream {
  return typeof result === "object" && result !== null && "stream" in result;
}

function isFile(result: unknown): result is FileDownload {
  return typeof result === "object" && result !== null && "content" in result && "filename" in result;
}
