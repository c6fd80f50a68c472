import Link from "next/link";
import type { Props } from "./account-props.ts";

/** A page of the Pages Router that guards itself. */
export function Account({ session, locale, id }: Props) {
  return (
    <main lang={locale}>
      <h1>
        secret {id} of {session.userId}
      </h1>
      <Link href="/order/7">another</Link>
    </main>
  );
}
