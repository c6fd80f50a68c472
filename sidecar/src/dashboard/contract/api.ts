import type {
  AccessState,
  ChangePassword,
  ConfirmPassword,
  LogIn,
  SecondFactorCode,
  SecondFactorStart,
} from "./access.ts";
import type { CallName } from "./calls.ts";
import type { Health, Series, SeriesInput, TopTags } from "./overview.ts";
import type {
  CurrentPolicies,
  ExplainInput,
  Explanation,
  PolicyCheck,
  PolicyPreview,
  PolicyText,
  RevisionDetail,
  RevisionPage,
  Rollback,
  SavePolicy,
} from "./policies.ts";
import type {
  BoundedCount,
  EndedMany,
  EndMany,
  EndOne,
  ExportInput,
  ListSessionsInput,
  ManySessions,
  SessionDetail,
  SessionFilter,
  SessionPage,
  TimelineInput,
  TimelinePage,
} from "./sessions.ts";
import type {
  ChangeUser,
  CreatedIntegrationKey,
  CreateIntegrationKey,
  CreateUser,
  DashboardUser,
  IntegrationKeyList,
  LogInput,
  LogPage,
  Retention,
  RevokeIntegrationKey,
  SetRetention,
  SigningKeys,
  TemporaryPassword,
  UserList,
  UserName,
} from "./settings.ts";

type Nothing = Record<string, never>;
/** A file to save: the answer is the content with `Content-Disposition: attachment`, not JSON. */
type Download = string;

interface Call<Input, Answer> {
  input: Input;
  answer: Answer;
}

/** What each call takes and answers with status 200. Every other status is a `DashboardError`. */
export interface DashboardApi extends Record<CallName, Call<unknown, unknown>> {
  "access/state": Call<Nothing, AccessState>;
  "access/log-in": Call<LogIn, AccessState>;
  "access/log-out": Call<Nothing, AccessState>;
  "access/change-password": Call<ChangePassword, AccessState>;
  "access/confirm-password": Call<ConfirmPassword, AccessState>;
  "access/start-second-factor": Call<Nothing, SecondFactorStart>;
  "access/enable-second-factor": Call<SecondFactorCode, AccessState>;
  "access/remove-second-factor": Call<SecondFactorCode, AccessState>;

  "sessions/list": Call<ListSessionsInput, SessionPage>;
  "sessions/count": Call<SessionFilter, BoundedCount>;
  "sessions/detail": Call<{ sessionId: string }, SessionDetail>;
  "sessions/timeline": Call<TimelineInput, TimelinePage>;
  "sessions/export": Call<ExportInput, Download>;
  "sessions/end-one": Call<EndOne, Nothing>;
  "sessions/end-count": Call<ManySessions, BoundedCount>;
  "sessions/end-many": Call<EndMany, EndedMany>;

  "overview/series": Call<SeriesInput, Series>;
  "overview/top-tags": Call<Nothing, TopTags>;
  "overview/health": Call<Nothing, Health>;

  "policies/current": Call<Nothing, CurrentPolicies>;
  "policies/check": Call<PolicyText, PolicyCheck>;
  "policies/explain": Call<ExplainInput, Explanation>;
  "policies/preview": Call<PolicyText, PolicyPreview>;
  "policies/save": Call<SavePolicy, CurrentPolicies>;
  "policies/revisions": Call<{ before?: number }, RevisionPage>;
  "policies/revision": Call<{ revision: number }, RevisionDetail>;
  "policies/rollback": Call<Rollback, CurrentPolicies>;
  /** The policy in force, as `session_config.jsonc`. */
  "policies/export": Call<Nothing, Download>;

  "settings/retention": Call<Nothing, Retention>;
  "settings/set-retention": Call<SetRetention, Retention>;
  "settings/signing-keys": Call<Nothing, SigningKeys>;
  "settings/integration-keys": Call<Nothing, IntegrationKeyList>;
  "settings/create-integration-key": Call<CreateIntegrationKey, CreatedIntegrationKey>;
  "settings/revoke-integration-key": Call<RevokeIntegrationKey, Nothing>;
  "settings/users": Call<Nothing, UserList>;
  "settings/create-user": Call<CreateUser, TemporaryPassword>;
  "settings/change-user": Call<ChangeUser, DashboardUser>;
  "settings/reset-password": Call<UserName, TemporaryPassword>;
  "settings/reset-second-factor": Call<UserName, Nothing>;

  "log/list": Call<LogInput, LogPage>;
  "log/export": Call<LogInput & { format: ExportInput["format"] }, Download>;
}

export type InputOf<C extends CallName> = DashboardApi[C]["input"];
export type AnswerOf<C extends CallName> = DashboardApi[C]["answer"];
