import type { SessionDependencies } from "../sessions/dependencies.ts";
import type { ImpersonationRules } from "./rules.ts";

/** What the services of impersonation need. Randomness is injected; time is always the database's. */
export interface ImpersonationDependencies
  extends Pick<SessionDependencies, "db" | "audit" | "policies" | "activity" | "fairShare" | "randomBytes"> {
  rules(): ImpersonationRules;
}
