import { Stack } from "@mantine/core";
import { useSearchParams } from "react-router";
import { EndManyButton } from "../ending/end-many-button.tsx";
import { UserImpersonations } from "../impersonations/user-impersonations.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
import { PageHeader } from "../parts/page-header.tsx";
import { Section } from "../parts/section.tsx";
import { TextLink } from "../parts/text-link.tsx";
import { sessionsPath } from "../sessions/filters.ts";
import { Timeline } from "../timeline/timeline.tsx";

/** A user's events over all sessions, including refused logins, which have no session. */
export default function UserPage() {
  const [query] = useSearchParams();
  const userId = query.get("id");
  if (!userId) return <EmptyState title="No user selected">Search for a user id above.</EmptyState>;
  return (
    <>
      <PageHeader
        title={userId}
        description={<TextLink to={sessionsPath({ userId })}>All sessions of this user</TextLink>}
      >
        <EndManyButton target={{ userId }} />
      </PageHeader>
      <Stack>
        <UserImpersonations userId={userId} />
        <Section title="All activity">
          <Timeline of={{ userId }} linksToSessions />
        </Section>
      </Stack>
    </>
  );
}
