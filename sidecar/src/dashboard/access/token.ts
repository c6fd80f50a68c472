import { createHash } from "node:crypto";
import { bytesOfUuid } from "../../engine/sessions/token/session-token.ts";

/**
 * The token of a login to the dashboard: `byo_dash_<id>.<secret>`. Form, table and cookie all differ from those of an
 * application's session, so one cannot be used as the other.
 */
const FORM = /^byo_dash_([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})$/;

export interface DashboardToken {
  id: string;
  secretHash: Buffer;
}

export function formatDashboardToken(id: string, secret: Buffer): string {
  return `byo_dash_${bytesOfUuid(id).toString("base64url")}.${secret.toString("base64url")}`;
}

export function parseDashboardToken(text: string): DashboardToken | undefined {
  const [, id, secret] = FORM.exec(text) ?? [];
  if (!id || !secret) return undefined;
  const hex = Buffer.from(id, "base64url").toString("hex");
  const uuid = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  return { id: uuid, secretHash: hashOfDashboardSecret(Buffer.from(secret, "base64url")) };
}

export function hashOfDashboardSecret(secret: Buffer): Buffer {
  return createHash("sha256").update(secret).digest();
}
