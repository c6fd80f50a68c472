import type { z } from "zod";
import { ACCESS_CALLS, type AccessContext } from "./access/calls.ts";
import { SECOND_FACTOR_CALLS, type SecondFactorContext } from "./access/second-factor-calls.ts";
import { APP_USER_CALLS } from "./app-users/calls.ts";
import type { Access, Call, Method } from "./call.ts";
import type { Role } from "./contract/roles.ts";
import { DEVICE_CALLS, type DeviceContext } from "./devices/calls.ts";
import type { EventStream } from "./event-stream.ts";
import { EVENT_CALLS, type EventContext } from "./events/calls.ts";
import type { FileDownload } from "./export.ts";
import { IMPERSONATION_CALLS, type ImpersonationContext } from "./impersonations/calls.ts";
import { LIVE_CALLS, type LiveContext } from "./live/calls.ts";
import { LOG_CALLS, type LogContext } from "./log/calls.ts";
import { OVERVIEW_CALLS, type OverviewContext } from "./overview/calls.ts";
import { POLICY_CALLS, type PolicyContext } from "./policies/calls.ts";
import { SESSION_CALLS, type SessionContext } from "./sessions/calls.ts";
import { END_CALLS, type EndCallContext } from "./sessions/end-calls.ts";
import { SETTING_CALLS, type SettingContext } from "./settings/calls.ts";
import { TOKEN_KEY_CALLS, type TokenKeyContext } from "./settings/token-key-calls.ts";
import { USER_CALLS, type UserContext } from "./users/calls.ts";
import { WEBHOOK_CALLS, type WebhookContext } from "./webhooks/calls.ts";
import { DELIVERY_CALLS } from "./webhooks/delivery-calls.ts";

/** What the handlers of all calls need. */
export type CallContext = AccessContext &
  SecondFactorContext &
  SessionContext &
  EndCallContext &
  EventContext &
  DeviceContext &
  LiveContext &
  ImpersonationContext &
  OverviewContext &
  PolicyContext &
  SettingContext &
  TokenKeyContext &
  UserContext &
  WebhookContext &
  LogContext;

export type AnyCall = Call<Method, unknown, unknown, CallContext>;

/**
 * Every call of the dashboard, by its name, which is also its path. The routes, the page's client and what a person may
 * do in the page follow from it.
 */
export const CALLS = {
  ...ACCESS_CALLS,
  ...SECOND_FACTOR_CALLS,
  ...SESSION_CALLS,
  ...END_CALLS,
  ...EVENT_CALLS,
  ...APP_USER_CALLS,
  ...DEVICE_CALLS,
  ...LIVE_CALLS,
  ...IMPERSONATION_CALLS,
  ...OVERVIEW_CALLS,
  ...POLICY_CALLS,
  ...SETTING_CALLS,
  ...TOKEN_KEY_CALLS,
  ...USER_CALLS,
  ...WEBHOOK_CALLS,
  ...DELIVERY_CALLS,
  ...LOG_CALLS,
} satisfies Record<string, AnyCall>;

type Calls = typeof CALLS;
export type CallName = keyof Calls;

/** The calls that are a GET, or a POST. */
export type NameOf<M extends Method> = { [C in CallName]: Calls[C]["method"] extends M ? C : never }[CallName];

export type InputOf<C extends CallName> = z.output<Calls[C]["input"]>;

type Sent<Answer> = Answer extends FileDownload | EventStream ? string : Answer;
/** The JSON answer with status 200, or the text of a file or stream. Every other status is a `DashboardError`. */
export type AnswerOf<C extends CallName> = Sent<Awaited<ReturnType<Calls[C]["answer"]>>>;

/** The names of the calls that a person with this role may make, also without a login. */
export function callsOf(role: Role): string[] {
  const isFor = (access: Access) => access === "anyone" || access === "temporary" || access.includes(role);
  return Object.entries<AnyCall>(CALLS).flatMap(([name, { access }]) => (isFor(access) ? [name] : []));
}
