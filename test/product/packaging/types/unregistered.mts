import type { LoginOptions, ReadonlyJson, Session } from "@byo-session/core";
import type { JsonValue } from "@byo-session/core/contract";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <T extends true>(_proof?: T) => {};

holds<Equal<Session["tags"], readonly string[]>>();
holds<Equal<Session["metadata"], ReadonlyJson | undefined>>();
holds<Equal<LoginOptions["tags"], string[] | undefined>>();
holds<Equal<LoginOptions["metadata"], JsonValue | undefined>>();
