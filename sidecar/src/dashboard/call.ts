import type { z } from "zod";
import type { Caller, KnownCaller } from "./caller.ts";
import { ROLES, type Role } from "./contract/roles.ts";
import { inputOf } from "./input.ts";

/** A GET takes its input from the query, a POST from a JSON body. */
export type Method = "GET" | "POST";

/** Who may make a call. */
export type Access =
  /** Anyone, even without a login. */
  | "anyone"
  /** Every login, even with a temporary password, which allows nothing else. */
  | "temporary"
  /** Every login with one of these roles, once the person has chosen a password. */
  | readonly Role[];

export const EVERYBODY = ROLES;
export const EDITORS = ["SuperAdmin", "Admin", "Editor"] as const satisfies readonly Role[];
export const ADMINS = ["SuperAdmin", "Admin"] as const satisfies readonly Role[];
export const OWNERS = ["SuperAdmin"] as const satisfies readonly Role[];

/** Everything about a call except its name. `Context` is what its handler needs. */
export interface Call<M extends Method, Input, Answer, Context> {
  readonly method: M;
  readonly access: Access;
  /**
   * Whether the person must have entered the password within the last minutes: `always`, or depending on the input,
   * such as a policy edit that loosens something. Otherwise the answer is `PasswordRequired`.
   */
  readonly password?: "always" | "sometimes";
  /** Whether the page makes this call by itself, so that it never counts as use of the login. */
  readonly isBackground?: boolean;
  /** Whether the body has room for the text of a policy. */
  readonly takesPolicy?: boolean;
  /** Unknown fields are refused, so no field reaches code that does not expect it. */
  readonly input: z.ZodType<Input>;
  /** Checks the input and handles the call. The login and its role have been checked before. */
  readonly answer: (raw: unknown, caller: Caller, context: Context) => Promise<Answer>;
}

type Handler<Input, C extends Caller, Context, Answer> = (input: Input, caller: C, context: Context) => Promise<Answer>;

type Entry<M extends Method, Input, C extends Caller, Context, Answer> = Omit<
  Call<M, Input, Answer, Context>,
  "answer"
> & { readonly handler: Handler<Input, C, Context, Answer> };

/** A call for people who are logged in. */
export function call<const M extends Method, Input, Context, Answer>({
  handler,
  ...entry
}: Entry<M, Input, KnownCaller, Context, Answer> & { access: Exclude<Access, "anyone"> }): Call<
  M,
  Input,
  Answer,
  Context
> {
  return {
    ...entry,
    answer: async (raw, caller, context) => handler(inputOf(entry.input, raw), known(caller), context),
  };
}

/** A call that needs no login. */
export function openCall<const M extends Method, Input, Context, Answer>({
  handler,
  ...entry
}: Omit<Entry<M, Input, Caller, Context, Answer>, "access">): Call<M, Input, Answer, Context> {
  return {
    ...entry,
    access: "anyone",
    answer: async (raw, caller, context) => handler(inputOf(entry.input, raw), caller, context),
  };
}

function known({ login, ...caller }: Caller): KnownCaller {
  if (!login) throw new Error("a call that needs a login was reached without one");
  return { ...caller, login };
}
