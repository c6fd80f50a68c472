import { Paper, Stack } from "@mantine/core";
import type { FormEvent } from "react";
import { useSearchParams } from "react-router";
import { whyMissing } from "../api/away.ts";
import { get, hrefOf } from "../api/call.ts";
import { usePages } from "../api/use-pages.ts";
import { EmptyState } from "../parts/empty-state.tsx";
import { ErrorState } from "../parts/error-state.tsx";
import { ExportLinks } from "../parts/export-links.tsx";
import { LiveMark } from "../parts/live-mark.tsx";
import { OlderButton } from "../parts/older-button.tsx";
import { PageHeader } from "../parts/page-header.tsx";
import { PageLoader } from "../parts/page-loader.tsx";
import { LogFields } from "./log-fields.tsx";
import { readLogFilter, readLogForm } from "./log-filter.ts";
import { LogTable } from "./log-table.tsx";

const REFRESH_MS = 10_000;

/** Every action in the dashboard and on the command line, and every change of the configuration. */
export default function LogPage() {
  const [query, setQuery] = useSearchParams();
  const filter = readLogFilter(query);
  const pages = usePages(
    ["log/list", filter],
    (next, signal) => get("log/list", { ...filter, ...(next !== null && { cursor: String(next) }) }, signal),
    { everyMs: REFRESH_MS },
  );

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    setQuery(readLogForm(event.currentTarget, filter));
  }

  const missing = whyMissing(pages);
  const events = pages.data?.items ?? [];
  return (
    <>
      <PageHeader
        title="Dashboard log"
        description="Everything done here and on the command line, with the values before and after."
      >
        <ExportLinks hrefAs={(format) => hrefOf("log/export", { ...filter, format })} />
      </PageHeader>
      <Stack gap="sm">
        <Paper withBorder p="sm" bg="var(--surface)">
          <form onSubmit={submit} aria-label="Filter the log" key={query.toString()}>
            <LogFields filter={filter} />
          </form>
        </Paper>
        {missing !== null && <ErrorState error={missing} onRetry={() => void pages.refetch()} />}
        {pages.isPending && missing === null && <PageLoader />}
        {pages.data && events.length === 0 && <EmptyState title="No entries">No entry matches the filter.</EmptyState>}
        {(pages.data?.count ?? 1) === 1 && <LiveMark everyMs={REFRESH_MS} of={pages} />}
        {events.length > 0 && <LogTable events={events} />}
        <OlderButton pages={pages}>Show older entries</OlderButton>
      </Stack>
    </>
  );
}
