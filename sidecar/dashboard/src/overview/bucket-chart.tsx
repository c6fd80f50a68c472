import "@mantine/charts/styles.css";
import { AreaChart, BarChart } from "@mantine/charts";
import { Text } from "@mantine/core";
import { useNavigate } from "react-router";
import { shortCount } from "../format/count.ts";
import { chartTime, localTime } from "../format/time.ts";
import { EmptyState } from "../parts/empty-state.tsx";
import { sessionsPath } from "../sessions/filters.ts";
import { BucketTable } from "./bucket-table.tsx";
import type { ChartInfo } from "./charts.ts";
import classes from "./overview.module.css";

interface BucketChartProps {
  chart: ChartInfo;
  /** The start of each, in Unix seconds. */
  buckets: number[];
  bucketSecs: number;
}

const HEIGHT_PX = 190;
const LEGEND_PX = 50;

// There is no label until the pointer is over a mark.
const labelOf = (bucket: unknown) => (typeof bucket === "number" ? localTime(new Date(bucket * 1000)) : "");

/** A chart whose marks link to their sessions; the table below does the same for the keyboard. */
export default function BucketChart({ chart, buckets, bucketSecs }: BucketChartProps) {
  const navigate = useNavigate();
  const { lines, kind, help } = chart;
  if (!lines.some(({ values }) => values.some((value) => value > 0))) {
    return <EmptyState title="None in this period">{help}</EmptyState>;
  }
  const data = buckets.map((bucket, index) => ({
    bucket,
    ...Object.fromEntries(lines.map(({ name, values }) => [name, values[index] ?? 0])),
  }));
  const series = lines.map(({ name, color }) => ({ name, color }));
  const axis = {
    dataKey: "bucket",
    h: lines.length > 1 ? HEIGHT_PX + LEGEND_PX : HEIGHT_PX,
    data,
    series,
    gridAxis: "x" as const,
    tickLine: "none" as const,
    withLegend: lines.length > 1,
    xAxisProps: { tickFormatter: (bucket: number) => chartTime(new Date(bucket * 1000), bucketSecs), minTickGap: 40 },
    yAxisProps: { width: 44, allowDecimals: false, tickFormatter: shortCount },
    tooltipAnimationDuration: 0,
    tooltipProps: { labelFormatter: labelOf },
  };

  function open(name: string, bucket: number) {
    const line = lines.find((one) => one.name === name);
    // A click between the marks selects no mark.
    if (line && Number.isFinite(bucket)) navigate(sessionsPath(line.behind({ from: bucket, to: bucket + bucketSecs })));
  }

  return (
    <>
      <Text size="xs" c="dimmed" mb={4}>
        {help}
      </Text>
      {kind === "bars" ? (
        <BarChart
          {...axis}
          type="stacked"
          className={classes.chart}
          barProps={({ name }) => ({
            isAnimationActive: false,
            onClick: ({ payload }: { payload?: { bucket?: number } }) => open(name, payload?.bucket ?? Number.NaN),
          })}
        />
      ) : (
        <AreaChart
          {...axis}
          curveType="stepAfter"
          withDots={false}
          className={classes.chart}
          areaProps={{ isAnimationActive: false }}
          areaChartProps={{ onClick: ({ activeLabel }) => open(lines[0]?.name ?? "", Number(activeLabel)) }}
        />
      )}
      <BucketTable chart={chart} buckets={buckets} bucketSecs={bucketSecs} />
    </>
  );
}
