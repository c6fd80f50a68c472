import type { JsonValue, SessionDevice } from "@byo-session/core/contract";
import type { ImpersonationEndReason } from "../../engine/impersonation/end-reasons.ts";

/** Times are Unix seconds. */
export interface ImpersonationSummary {
  impersonationId: string;
  employeeEmail: string;
  /** The user who is acted as. */
  userId: string;
  createdAt: number;
  expiresAt: number;
  /** Null while it lives. */
  endedAt: number | null;
  endReason: ImpersonationEndReason | null;
  /** Of the employee; as when it started. Null after the user was erased. */
  device: SessionDevice | null;
  ipAddress: string | null;
  metadata: JsonValue | null;
  /** It lives, but the configuration of now refuses it. */
  isRefused: boolean;
}

/** The answer of `impersonations/list`. */
export interface ImpersonationPage {
  items: ImpersonationSummary[];
  /** Null: this is the last page. */
  next: string | null;
  /** Whether the configuration allows impersonation at all. */
  isEnabled: boolean;
}
