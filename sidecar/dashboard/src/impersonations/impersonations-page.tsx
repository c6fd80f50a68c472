import { Alert, Button, Group, Stack } from "@mantine/core";
import { Link, useSearchParams } from "react-router";
import { useAnswer } from "../api/use-answer.ts";
import { AnswerView } from "../parts/answer-view.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
import { LiveMark } from "../parts/live-mark.tsx";
import { PageHeader } from "../parts/page-header.tsx";
import { TextLink } from "../parts/text-link.tsx";
import { EndEmployeeButton } from "./end-employee-button.tsx";
import { ImpersonationTable } from "./impersonation-table.tsx";
import { impersonationsPath, readImpersonationFilter } from "./paths.ts";

const REFRESH_MS = 5_000;

/** Employees who act as users: who, whom, since when and until when. */
export default function ImpersonationsPage() {
  const [query] = useSearchParams();
  const filter = readImpersonationFilter(query);
  const { active = false, employeeEmail, cursor } = filter;
  const answer = useAnswer("impersonations/list", filter, { everyMs: REFRESH_MS });
  const other = impersonationsPath({ active: !active, ...(employeeEmail !== undefined && { employeeEmail }) });

  return (
    <>
      <PageHeader
        title="Impersonation"
        description={
          employeeEmail === undefined ? (
            "Employees who act as users, to see what they see."
          ) : (
            <TextLink to={impersonationsPath({ active })}>All employees, not only {employeeEmail}</TextLink>
          )
        }
      >
        <Button component={Link} to={other} variant="default" size="xs">
          {active ? "Show ended ones too" : "Show active ones only"}
        </Button>
        {employeeEmail !== undefined && <EndEmployeeButton employeeEmail={employeeEmail} />}
      </PageHeader>
      <AnswerView answer={answer}>
        {({ items, next, isEnabled }) => (
          <Stack gap="sm">
            {!isEnabled && (
              <Alert variant="light" title="Impersonation is off">
                Nobody can act as a user until user_impersonation.jsonc allows it.
              </Alert>
            )}
            {items.length === 0 ? (
              <EmptyState title="No impersonations">
                {active ? "Nobody acts as a user now." : "The retention settings say how long ended ones are kept."}
              </EmptyState>
            ) : (
              <>
                <LiveMark everyMs={REFRESH_MS} of={answer} />
                <ImpersonationTable impersonations={items} />
              </>
            )}
            <Group component="nav" aria-label="Pages of the list" justify="space-between">
              {cursor === undefined ? (
                <span />
              ) : (
                <TextLink to={impersonationsPath({ ...filter, cursor: undefined })}>Newest</TextLink>
              )}
              {next !== null && <TextLink to={impersonationsPath({ ...filter, cursor: next })}>Older</TextLink>}
            </Group>
          </Stack>
        )}
      </AnswerView>
    </>
  );
}
