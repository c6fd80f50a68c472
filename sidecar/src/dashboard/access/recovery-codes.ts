import { createHash } from "node:crypto";
import { Secret } from "otpauth";
import type { AuditEvent } from "../../engine/audit/event.ts";
import type { Queryable } from "../../engine/db/database.ts";
import { actorOf, type Caller, originOf } from "../caller.ts";
import { createRecoveryCodeStore } from "../users/recovery-code-store.ts";

const COUNT = 10;
/** 80 random bits: nobody finds a code from its hash, so a fast hash is enough. */
const CODE_BYTES = 10;

/** Replaces a person's codes. What it returns is the only copy. */
export async function makeRecoveryCodes(
  tx: Queryable,
  userId: string,
  randomBytes: (size: number) => Buffer,
): Promise<string[]> {
  const codes = Array.from({ length: COUNT }, () => written(randomBytes(CODE_BYTES)));
  await createRecoveryCodeStore(tx).replace(
    userId,
    codes.map((code) => hashOf(userId, code)),
  );
  return codes;
}

/** Uses up a code: true once for each. */
export async function spendRecoveryCode(
  tx: Queryable,
  record: (event: AuditEvent) => void,
  user: { id: string; username: string },
  code: string,
  caller: Caller,
): Promise<boolean> {
  const codes = createRecoveryCodeStore(tx);
  if (!(await codes.use(user.id, hashOf(user.id, code)))) return false;
  const left = await codes.left(user.id);
  record({ event: "DashboardRecoveryCodeUsed", actor: actorOf(user), ...originOf(caller), details: { left } });
  return true;
}

export function isRecoveryCode(code: string): boolean {
  return code.length > 6;
}

/** Such as `ABCD-EFGH-IJKL-MNOP`. */
function written(bytes: Buffer): string {
  const { base32 } = new Secret({ buffer: new Uint8Array(bytes).buffer });
  return (base32.match(/.{4}/g) ?? []).join("-");
}

function hashOf(userId: string, code: string): Buffer {
  const plain = code.replaceAll("-", "").toUpperCase();
  return createHash("sha256").update(`dashboard recovery code\0${userId}\0${plain}`).digest();
}
