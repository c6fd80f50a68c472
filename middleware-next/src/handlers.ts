import {
  ConfigurationError,
  checkRequirements,
  type Session,
  type SessionActions,
  type SessionRequirements,
} from "@byo-session/core";
import { errorOf } from "./interrupt.ts";
import type { SessionOptions } from "./options.ts";
import { answerApi, answerProps } from "./pages-router.ts";
import { createParts } from "./parts.ts";
import { answerRoute } from "./route-handlers.ts";
import { createServerStage, type Entered, type ServerStage } from "./server-stage.ts";
import type { Sessions } from "./sessions.ts";

/** What a handler is given: what its request can do with sessions. */
export interface ByoGiven {
  readonly byo: SessionActions;
}

/** The same with the session that the guard has found. */
export interface SessionGiven extends ByoGiven {
  readonly session: Session;
}

/** The functions for handlers of each kind, which are given their request. */
export function createHandlers(
  stage: ServerStage,
  options: SessionOptions,
): Pick<Sessions, `${"w" | "apiW" | "propsW"}ith${"Byo" | "Session"}` | "sessionRoutes"> {
  return {
    withByo: (handler) => answerRoute(stage, byoOf, handler),
    withSession: (handler, requirements) => answerRoute(stage, sessionBehind(requirements), handler),
    apiWithByo: (handler) => answerApi(stage, byoOf, handler),
    apiWithSession: (handler, requirements) => answerApi(stage, sessionBehind(requirements), handler),
    propsWithByo: (handler) => answerProps(stage, byoOf, handler),
    propsWithSession: (handler, requirements) => answerProps(stage, sessionBehind(requirements), handler),

    sessionRoutes() {
      const { prefix } = options.routes || DEFAULT_ROUTES;
      const ofRoutes = createServerStage(createParts({ ...options, routes: { prefix } }));
      const route = answerRoute(ofRoutes, byoOf, ({ nextUrl }) => {
        throw new ConfigurationError(
          "ERR_BYO_OPTIONS",
          `sessionRoutes() serves ${prefix}, and this route is ${nextUrl.pathname}: move the file to ` +
            `app${prefix}/[[...path]]/route.ts, or pass the prefix to createSessions({ routes: { prefix } })`,
        );
      });
      return { GET: route, POST: route, DELETE: route };
    },
  };
}

const DEFAULT_ROUTES = { prefix: "/session" };

/** What a handler is given for its request. A `SessionActionError` that it throws becomes the answer in its place. */
export type Grant<Given> = (entered: Entered) => Promise<Given>;

const byoOf: Grant<ByoGiven> = async ({ attached, answer, part }) => {
  if (answer) throw errorOf(answer, part);
  return { byo: attached.byo };
};

function sessionBehind(requirements: SessionRequirements = {}): Grant<SessionGiven> {
  const checked = checkRequirements(requirements);
  return async (entered) => {
    const { byo } = await byoOf(entered);
    const refusal = await entered.attached.guard(checked);
    if (refusal) throw errorOf(refusal, entered.part);
    const session = await byo.getSession();
    if (session) return { byo, session };
    throw new Error("a guard let a request without a session pass");
  };
}
