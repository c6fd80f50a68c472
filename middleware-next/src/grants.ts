import {
  checkRequirements,
  type GateResponse,
  type Session,
  type SessionActions,
  type SessionRequirements,
} from "@byo-session/core";
import { errorOf } from "./interrupt.ts";
import type { Entered } from "./server-stage.ts";

/** What a handler is given: what its request can do with sessions. */
export interface ByoGiven {
  readonly byo: SessionActions;
}

/** The same with the session that the guard has found. */
export interface SessionGiven extends ByoGiven {
  readonly session: Session;
}

/** What a handler is given for its request. A `SessionActionError` that it throws becomes the answer in its place. */
export type Grant<Given> = (entered: Entered) => Promise<Given>;

export const byoOf: Grant<ByoGiven> = async ({ attached, answer, part }) => {
  if (answer) throw errorOf(answer, part);
  return { byo: attached.byo };
};

export function sessionBehind(requirements: SessionRequirements = {}): Grant<SessionGiven> {
  const checked = checkRequirements(requirements);
  return async (entered) => {
    const found = await sessionOrRefusal(entered, checked);
    if ("status" in found) throw errorOf(found, entered.part);
    return { byo: entered.attached.byo, session: found };
  };
}

/** `asPage`: the answer may be a redirect. Default: for page loads. */
export async function sessionOrRefusal(
  { answer, attached }: Entered,
  requirements: SessionRequirements,
  asPage?: boolean,
): Promise<Session | GateResponse> {
  const found = answer ?? (await attached.guard(requirements, asPage)) ?? (await attached.byo.getSession());
  if (found) return found;
  throw new Error("a guard let a request without a session pass");
}
