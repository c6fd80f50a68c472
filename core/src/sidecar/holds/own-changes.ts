import type { CommandData, CommandName } from "../../contract/index.ts";
import type { HoldTable } from "./hold-table.ts";

/** What a command may change, as the table can forget it. Undefined: nothing that an answer depends on. */
type Change = (table: HoldTable) => void;

/** Every command stands here, so that a new one cannot be left out. `false`: it changes no session. */
const CHANGES: { readonly [C in CommandName]: false | ((data: CommandData[C]) => Change) } = {
  Ping: false,
  ValidateSession: false,
  ValidateAndRefreshSession: false,
  // Later requests are held or asked for as before; only a time has moved.
  NoteActivity: false,
  FetchAllSessionsForUser: false,
  FetchAllSessions: false,
  FetchSessionById: false,
  CreateDeviceChallenge: false,
  CreateUpgradeTicket: false,
  RedeemUpgradeTicket: false,
  FetchRememberedDevicesForUser: false,
  ForgetRememberedDevice: false,
  CreateStatelessToken: false,
  GetJwks: false,
  RotateStatelessTokenKey: false,
  CreateImpersonationSession: false,
  ValidateImpersonationSession: false,
  FetchImpersonationSessionById: false,
  FetchAllImpersonationSessionsForEmployee: false,
  FetchAllImpersonationSessionsForUser: false,
  FetchAllActiveImpersonationSessions: false,
  FetchVisibleImpersonationsForUser: false,
  InvalidateImpersonationSessionById: false,
  InvalidateImpersonationSessionByToken: false,
  InvalidateAllImpersonationSessionsForEmployee: false,
  InvalidateAllImpersonationSessionsForUser: false,
  // A limit on sessions may end an older one of the user.
  CreateSession: ofUser,
  UpdateSession: ofSession,
  UpdateSessions: everything,
  InvalidateSessions: everything,
  InvalidateSessionByToken: ofSession,
  InvalidateSessionById: ofSession,
  InvalidateAllSessionsForUser: ofUser,
  InvalidateAllSessionsForUserExceptOne: ofUser,
  RegisterDevice: ofSession,
};

export function changeOf<C extends CommandName>(command: C, data: CommandData[C]): Change | undefined {
  const change: (typeof CHANGES)[C] = CHANGES[command];
  return change === false ? undefined : change(data);
}

function ofUser({ userId }: { userId: string }): Change {
  return (table) => table.forgetUser(userId);
}

function ofSession({ sessionId, sessionToken }: { sessionId?: string; sessionToken?: string }): Change {
  return (table) => {
    if (sessionId !== undefined) table.forgetSession(sessionId);
    if (sessionToken !== undefined) table.forgetToken(sessionToken);
  };
}

function everything(): Change {
  return (table) => table.forgetAll();
}
