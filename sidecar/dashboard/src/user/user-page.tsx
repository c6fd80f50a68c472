import { Stack } from "@mantine/core";
import { useSearchParams } from "react-router";
import { hrefOf } from "../api/call.ts";
import { useLive } from "../api/use-live.ts";
import { EndManyButton } from "../ending/end-many-button.tsx";
import { UserImpersonations } from "../impersonations/user-impersonations.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
import { ExportLinks } from "../parts/export-links.tsx";
import { PageHeader } from "../parts/page-header.tsx";
import { Section } from "../parts/section.tsx";
import { TextLink } from "../parts/text-link.tsx";
import { sessionsPath } from "../sessions/filters.ts";
import { Timeline } from "../timeline/timeline.tsx";
import { LanesSection } from "./lanes-section.tsx";
import { UserDevicesSection } from "./user-devices-section.tsx";
import { UserLimitsSection } from "./user-limits-section.tsx";

const CALLS = ["app-users/lanes", "app-users/limits", "devices/of-user", "impersonations/list"];

export default function UserPage() {
  const [query] = useSearchParams();
  const userId = query.get("id");
  if (!userId) return <EmptyState title="No user selected">Search for a user id above.</EmptyState>;
  return <PageOf key={userId} userId={userId} />;
}

/** A user's sessions, devices and limits, and all events, including refused logins, which have no session. */
function PageOf({ userId }: { userId: string }) {
  const live = useLive({ userId }, CALLS);
  return (
    <>
      <PageHeader
        title={userId}
        description={<TextLink to={sessionsPath({ userId })}>All sessions of this user</TextLink>}
      >
        <EndManyButton target={{ userId }} />
      </PageHeader>
      <Stack>
        <LanesSection userId={userId} everyMs={live.everyMs} />
        <UserDevicesSection userId={userId} everyMs={live.everyMs} />
        <UserLimitsSection userId={userId} everyMs={live.everyMs} />
        <UserImpersonations userId={userId} everyMs={live.everyMs} />
        <Section
          title="All activity"
          actions={<ExportLinks hrefAs={(format) => hrefOf("timeline/export", { userId, format })} />}
        >
          <Timeline userId={userId} live={live} />
        </Section>
      </Stack>
    </>
  );
}
