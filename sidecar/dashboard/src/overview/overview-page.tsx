import { SegmentedControl, Skeleton } from "@mantine/core";
import { lazy, Suspense } from "react";
import { useSearchParams } from "react-router";
import { useAnswer } from "../api/use-answer.ts";
import { countOf } from "../format/count.ts";
import { AnswerView } from "../parts/answer-view.tsx";
import { PageHeader } from "../parts/page-header.tsx";
import { Section } from "../parts/section.tsx";
import { TextLink } from "../parts/text-link.tsx";
import { useNow } from "../parts/use-now.ts";
import { sessionsPath } from "../sessions/filters.ts";
import { chartsOf } from "./charts.ts";
import { HealthSection } from "./health-section.tsx";
import classes from "./overview.module.css";
import { boundsOf, RANGES, readRange } from "./range.ts";
import { TopTagsSection } from "./top-tags-section.tsx";

// The chart library is larger than the rest of the page.
const BucketChart = lazy(() => import("./bucket-chart.tsx"));

export default function OverviewPage() {
  const [query, setQuery] = useSearchParams();
  const nowMs = useNow();
  const range = readRange(query);
  const series = useAnswer("overview/series", boundsOf(range, nowMs), {
    // The bounds move with the clock; another range is another chart.
    keepFor: ({ from, to }) => to - from === range.secs,
  });

  return (
    <>
      <PageHeader
        title="Overview"
        description={
          series.data && (
            <TextLink to={sessionsPath({ state: "active" })}>
              {countOf(series.data.activeNow, "active session")} now
            </TextLink>
          )
        }
      >
        <SegmentedControl
          size="xs"
          withItemsBorders={false}
          aria-label="Time range"
          data={RANGES.map(({ value, label }) => ({ value, label }))}
          value={range.value}
          onChange={(value) => setQuery({ range: value }, { replace: true })}
        />
      </PageHeader>
      <div className={classes.page}>
        <HealthSection />
        <AnswerView answer={series}>
          {(data) => (
            <div className={classes.charts}>
              {chartsOf(data).map((chart) => (
                <Section key={chart.title} title={chart.title}>
                  <Suspense fallback={<Skeleton h={220} />}>
                    <BucketChart chart={chart} buckets={data.buckets} bucketSecs={data.bucketSecs} />
                  </Suspense>
                </Section>
              ))}
              <TopTagsSection />
            </div>
          )}
        </AnswerView>
      </div>
    </>
  );
}
