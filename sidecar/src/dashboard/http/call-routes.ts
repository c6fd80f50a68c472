import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { SystemConfig } from "../../engine/config/system-config.ts";
import type { Admission } from "../../engine/listening/admission.ts";
import type { Logins } from "../access/logins.ts";
import type { Caller, KnownCaller } from "../caller.ts";
import { API_PREFIX, BACKGROUND_HEADER, CALLS, type CallName, type CallRule } from "../contract/calls.ts";
import { SCHEMAS } from "../contract/schemas.ts";
import type { FileDownload, KnownCall, KnownHandlers, OpenCall, OpenHandlers } from "../handlers.ts";
import { Refusal } from "../refusal.ts";
import { requirePassword } from "../require-password.ts";
import { createTurnsOf } from "../turns.ts";
import { answerError, errorOf } from "./answers.ts";
import { clientAddress } from "./client-address.ts";
import { crossSiteProblem, WRONG_HOST } from "./request-checks.ts";

export interface CallRoutesDependencies {
  open: OpenHandlers;
  known: KnownHandlers;
  logins: Logins;
  whereToFindIp: () => SystemConfig["where_to_find_ip"];
  admission: Admission;
  onUnexpected: (error: unknown) => void;
}

declare module "fastify" {
  interface FastifyRequest {
    dashboardCaller: Caller | null;
  }
}

/** The longest policy as JSON, where each quote takes two characters, and the other fields of a call. */
const TEXT_BODY_BYTES = 320 * 1024;
const BODY_BYTES = 32 * 1024;
/** More fields than any call has. Counting them is cheaper than naming each unknown one. */
const MAX_FIELDS = 50;
/** Longer lists of problems help nobody. */
const MAX_PROBLEMS = 20;
const MAX_PROBLEM_CHARS = 500;
/** Per person: a page asks for a few things at once. */
const CALLS_AT_ONCE = 4;
const MAX_WAITING = 100;
const MAX_USER_AGENT_CHARS = 1024;

/** Adds a route for every call. All checks come before a body is read. */
export function addCallRoutes(app: FastifyInstance, deps: CallRoutesDependencies): void {
  const turnsOf = createTurnsOf(CALLS_AT_ONCE, MAX_WAITING);
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
      scope.setErrorHandler((error, _request, reply) => answerError(reply, errorOf(error, deps.onUnexpected)));
      scope.setNotFoundHandler((request, reply) =>
        answerError(reply, deps.admission(request.raw) ? { type: "NotFound", message: "No such call." } : WRONG_HOST),
      );
      for (const [name, { method }] of Object.entries<CallRule>(CALLS)) {
        const call = name as CallName;
        scope.route({
          method,
          url: `/${call}`,
          bodyLimit: call.startsWith("policies/") ? TEXT_BODY_BYTES : BODY_BYTES,
          onRequest: (request, reply) => admit(call, request, reply),
          handler: (request, reply) => answer(call, request, reply),
        });
      }
    },
    { prefix: API_PREFIX },
  );

  async function admit(call: CallName, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const source = deps.admission(request.raw);
    if (source === undefined) throw new Refusal(WRONG_HOST);
    const problem = crossSiteProblem(request.method, request.headers);
    if (problem) throw new Refusal(problem);
    const stranger = { ...callerOf(request, reply), source };
    const isBackground = request.headers[BACKGROUND_HEADER] !== undefined;
    const login = await deps.logins.authenticate(request.headers.cookie, stranger, isBackground);
    const caller = { ...stranger, login };
    refuseByMatrix(call, caller);
    request.dashboardCaller = caller;
  }

  async function answer(call: CallName, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const raw = request.method === "GET" ? request.query : request.body;
    const caller = request.dashboardCaller;
    if (!caller) throw new Error("a call got past the check of its caller");
    const result = await (isOpen(call) ? callOpen(call, raw, caller) : callKnown(call, raw, knownCaller(caller)));
    reply.header("cache-control", "no-store");
    if (!isFile(result)) return reply.send(result);
    return reply
      .header("content-type", result.contentType)
      .header("content-disposition", `attachment; filename="${result.filename}"`)
      .send(result.content);
  }

  function callOpen<C extends OpenCall>(call: C, raw: unknown, caller: Caller) {
    return deps.open[call](inputOf(call, raw), caller);
  }

  function callKnown<C extends KnownCall>(call: C, raw: unknown, caller: KnownCaller) {
    return turnsOf(caller.login.userId)(async () => deps.known[call](inputOf(call, raw), caller));
  }

  function callerOf(request: FastifyRequest, reply: FastifyReply): Omit<Caller, "login" | "source"> {
    return {
      ipAddress: clientAddress(request.socket.remoteAddress ?? "", request.headers, deps.whereToFindIp()),
      userAgent: request.headers["user-agent"]?.slice(0, MAX_USER_AGENT_CHARS),
      // The last one counts: the cookie of a new login replaces the one from rotating the old login.
      setCookie: (line) => void reply.removeHeader("set-cookie").header("set-cookie", line),
    };
  }
}

/** The only place that checks roles: by the contract's table, before anything else of a call. */
function refuseByMatrix(call: CallName, { login, ...caller }: Caller): void {
  const { access, password }: CallRule = CALLS[call];
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

function isOpen(call: CallName): call is OpenCall {
  return CALLS[call].access === "anyone";
}

function knownCaller(caller: Caller): KnownCaller {
  const { login } = caller;
  if (!login) throw new Error("a call that needs a login got past the check");
  return { ...caller, login };
}

function inputOf<C extends CallName>(call: C, raw: unknown) {
  if (typeof raw === "object" && raw !== null && Object.keys(raw).length > MAX_FIELDS) {
    throw new Refusal({ type: "InvalidInput", message: `Expected at most ${MAX_FIELDS} fields.` });
  }
  const result = SCHEMAS[call].safeParse(raw ?? {});
  if (result.success) return result.data;
  const problems = result.error.issues.slice(0, MAX_PROBLEMS).map(({ path, message }) => ({
    field: path.map(String).join("."),
    message: message.slice(0, MAX_PROBLEM_CHARS),
  }));
  const [first] = problems;
  const message = first ? `${first.field === "" ? "" : `${first.field}: `}${first.message}` : "The input is not valid.";
  throw new Refusal({ type: "InvalidInput", message, problems });
}

function isFile(result: unknown): result is FileDownload {
  return typeof result === "object" && result !== null && "content" in result && "filename" in result;
}
