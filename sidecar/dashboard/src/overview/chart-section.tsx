import { SegmentedControl, Skeleton, Text } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import { EmptyState } from "../parts/empty-state.tsx";
import { Section } from "../parts/section.tsx";
import { BucketTable } from "./bucket-table.tsx";
import { isFlattened, isSpiked } from "./change.ts";
import { ChartLegend } from "./chart-legend.tsx";
import type { ChartInfo } from "./charts.ts";
import classes from "./overview.module.css";

// The chart library is larger than the rest of the page.
const BucketChart = lazy(() => import("./bucket-chart.tsx"));

const SCALES = [
  { value: "linear", label: "Linear" },
  { value: "log", label: "Log" },
] as const;
const LAYOUTS = [
  { value: "together", label: "Together" },
  { value: "each", label: "One each" },
] as const;
type View = (typeof SCALES)[number]["value"] | (typeof LAYOUTS)[number]["value"];

interface ChartSectionProps {
  chart: ChartInfo;
  /** The start of each, in Unix seconds. */
  buckets: number[];
  bucketSecs: number;
}

/** A chart with its totals. Where one number would flatten the rest, it starts in the view that shows both. */
export function ChartSection({ chart, buckets, bucketSecs }: ChartSectionProps) {
  const { title, help, lines } = chart;
  const [hidden, setHidden] = useState<readonly string[]>([]);
  const [chosen, setChosen] = useState<View>();
  const shown = lines.filter(({ name }) => !hidden.includes(name));
  const isStacked = lines.length > 1;
  const fitting: View = isStacked
    ? isFlattened(shown)
      ? "each"
      : "together"
    : isSpiked(lines[0]?.values ?? [])
      ? "log"
      : "linear";
  const view = chosen ?? fitting;
  const hasAny = lines.some(({ values }) => values.some((value) => value > 0));
  const charts =
    view === "each"
      ? shown.map((line) => ({ ...chart, title: line.name, lines: [line] }))
      : [{ ...chart, lines: shown }];
  const hasChoice = chart.kind === "bars" && hasAny && (shown.length > 1 || !isStacked);

  function toggle(name: string): void {
    setHidden((names) => (names.includes(name) ? names.filter((one) => one !== name) : [...names, name]));
  }

  return (
    <Section
      title={title}
      actions={
        hasChoice && (
          <SegmentedControl
            size="xs"
            withItemsBorders={false}
            aria-label={`View of ${title}`}
            data={[...(isStacked ? LAYOUTS : SCALES)]}
            value={view}
            onChange={setChosen}
          />
        )
      }
    >
      <ChartLegend lines={lines} hidden={hidden} onToggle={toggle} />
      {hasAny ? (
        <>
          <Text size="xs" c="dimmed" mb={4}>
            {help}
          </Text>
          <Suspense fallback={<Skeleton h={220} />}>
            {charts.map((one) => (
              <figure key={one.title} className={classes.figure}>
                {view === "each" && <figcaption className={classes.caption}>{one.title}</figcaption>}
                <BucketChart
                  chart={one}
                  buckets={buckets}
                  bucketSecs={bucketSecs}
                  isSmall={view === "each"}
                  isLog={view === "log"}
                />
              </figure>
            ))}
          </Suspense>
          <BucketTable chart={{ ...chart, lines: shown }} buckets={buckets} bucketSecs={bucketSecs} />
        </>
      ) : (
        <EmptyState title="None in this period">{help}</EmptyState>
      )}
    </Section>
  );
}
