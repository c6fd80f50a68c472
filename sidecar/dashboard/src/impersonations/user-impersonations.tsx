import { useAnswer } from "../api/use-answer.ts";
import { Section } from "../parts/section.tsx";
import { ImpersonationTable } from "./impersonation-table.tsx";

/** Who acts or has acted as a user; nothing if nobody has. */
export function UserImpersonations({ userId, everyMs }: { userId: string; everyMs: number }) {
  const { data } = useAnswer("impersonations/list", { userId }, { everyMs });
  if (!data || data.items.length === 0) return null;
  return (
    <Section title="Employees who acted as this user">
      <ImpersonationTable impersonations={data.items} />
    </Section>
  );
}
