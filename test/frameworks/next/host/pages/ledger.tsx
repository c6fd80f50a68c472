import type { Session } from "@byo-session/next";
import { propsWithSession } from "../lib/sessions.ts";

/** A page of the Pages Router, beside the App Router. */
export default function Ledger({ session }: { session: Session }) {
  return <h1>Ledger of {session.userId}</h1>;
}

export const getServerSideProps = propsWithSession((_context, { session }) => ({ props: { session } }));
