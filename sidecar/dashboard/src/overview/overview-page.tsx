import { Group } from "@mantine/core";
import { useSearchParams } from "react-router";
import { useAnswer } from "../api/use-answer.ts";
import { countOf } from "../format/count.ts";
import { isDayInUtc } from "../format/time.ts";
import { AnswerView } from "../parts/answer-view.tsx";
import { PageHeader } from "../parts/page-header.tsx";
import { TextLink } from "../parts/text-link.tsx";
import { useNow } from "../parts/use-now.ts";
import { ZoneSwitch } from "../parts/zone-switch.tsx";
import { sessionsPath } from "../sessions/filters.ts";
import { ChartSection } from "./chart-section.tsx";
import { chartsOf } from "./charts.ts";
import { HealthSection } from "./health-section.tsx";
import classes from "./overview.module.css";
import { boundsOf, rangeOf } from "./range.ts";
import { RangeControl } from "./range-control.tsx";
import { TopTagsSection } from "./top-tags-section.tsx";

export default function OverviewPage() {
  const [query, setQuery] = useSearchParams();
  const nowMs = useNow();
  const range = rangeOf(query.get("range"), "24h");
  const series = useAnswer("overview/series", boundsOf(range, nowMs), {
    // The bounds move with the clock; another range is another chart.
    keepFor: ({ from, to }) => to - from === range.secs,
  });

  return (
    <>
      <PageHeader
        title="Overview"
        description={
          <Group gap="sm">
            {series.data && (
              <TextLink to={sessionsPath({ state: "active" })}>
                {countOf(series.data.activeNow, "active session")} now
              </TextLink>
            )}
            {series.data && (
              <span>
                {series.data.before === null
                  ? "Not compared: there are no counts for the period before."
                  : `Compared with the ${range.label} before.`}
              </span>
            )}
            <ZoneSwitch />
            {series.data && isDayInUtc(series.data.bucketSecs) && <span>Each mark is a day in UTC.</span>}
          </Group>
        }
      >
        <RangeControl range={range} onChange={(value) => setQuery({ range: value }, { replace: true })} />
      </PageHeader>
      <div className={classes.page}>
        <HealthSection />
        <AnswerView answer={series}>
          {(data) => (
            <div className={classes.charts}>
              {chartsOf(data).map((chart) => (
                <ChartSection key={chart.title} chart={chart} buckets={data.buckets} bucketSecs={data.bucketSecs} />
              ))}
              <TopTagsSection />
            </div>
          )}
        </AnswerView>
      </div>
    </>
  );
}
