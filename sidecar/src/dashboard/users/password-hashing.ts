import { hash, type Options, verify } from "@node-rs/argon2";
import { createTurns } from "../turns.ts";

/** Hashes passwords with Argon2id. */
export interface PasswordHashing {
  hash(password: string): Promise<string>;
  /** Without a hash, for an unknown name, it does the same work and returns false. */
  verify(password: string, stored: string | undefined): Promise<boolean>;
}

/** OWASP Password Storage: 19 MiB and two passes. The limit bounds the memory and CPU that logins can take. */
const COST: Options = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const AT_ONCE = 2;
const MAX_WAITING = 250;

export function createPasswordHashing(): PasswordHashing {
  const inTurn = createTurns(AT_ONCE, MAX_WAITING);
  let nobodys: Promise<string> | undefined;

  return {
    hash: (password) => inTurn(() => hash(password, COST)),
    verify: (password, stored) =>
      inTurn(async () => {
        nobodys ??= hash("the password of nobody", COST);
        const isRight = await verify(stored ?? (await nobodys), password);
        return isRight && stored !== undefined;
      }),
  };
}
