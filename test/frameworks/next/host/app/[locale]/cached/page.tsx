import { connection } from "next/server";
import { getSession } from "../../../lib/sessions.ts";
import { Shown } from "../../shown.tsx";

async function remembered() {
  "use cache";
  return (await getSession())?.userId;
}

async function ask() {
  await connection();
  return remembered();
}

export default function Cached() {
  return <Shown what={ask} />;
}
