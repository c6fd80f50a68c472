import { Text } from "@mantine/core";
import type { LimitGroup } from "../../../src/dashboard/contract/app-users.ts";
import { useAnswer } from "../api/use-answer.ts";
import { countOf } from "../format/count.ts";
import { AnswerView } from "../parts/answer-view.tsx";
import { Section } from "../parts/section.tsx";
import { TextLink } from "../parts/text-link.tsx";
import { SettingsTable } from "../policies/settings-table.tsx";

interface UserLimitsSectionProps {
  userId: string;
  everyMs: number;
}

const SESSION_LIMIT = "max_concurrent_sessions_per_user";

/** How many active sessions a user has, how many another login may have, and the whole policy of each kind of session. */
export function UserLimitsSection({ userId, everyMs }: UserLimitsSectionProps) {
  const answer = useAnswer("app-users/limits", { userId }, { everyMs });
  return (
    <Section
      title="Limits and policy now"
      actions={
        <Text size="sm">
          <TextLink to="/policies">Policies</TextLink>
        </Text>
      }
    >
      <AnswerView answer={answer}>
        {({ groups, isCapped, revision }) => {
          const active = groups.reduce((sum, group) => sum + group.active, 0);
          return (
            <>
              <Text size="sm" mb="xs">
                {countOf(active, "active session")}
                {isCapped && ", and more with other tags"}.{" "}
                {revision === 0 ? "The policy is the file, without edits." : `The policy is revision ${revision}.`}
              </Text>
              {groups.map((group) => (
                <PolicyOfGroup key={group.tags.join(" ")} group={group} />
              ))}
            </>
          );
        }}
      </AnswerView>
    </Section>
  );
}

function PolicyOfGroup({ group: { tags, active, policy } }: { group: LimitGroup }) {
  const limit = policy.find(({ setting }) => setting === SESSION_LIMIT)?.value;
  const name = tags.length === 0 ? "Without tags" : `With ${tags.join(", ")}`;
  return (
    <details>
      <Text size="sm" component="summary">
        {name}: {active} active, at most {String(limit)} sessions per user
      </Text>
      <SettingsTable settings={policy} />
    </details>
  );
}
