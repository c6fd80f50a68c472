import "@mantine/charts/styles.css";
import { AreaChart, BarChart } from "@mantine/charts";
import { useNavigate } from "react-router";
import { shortCount } from "../format/count.ts";
import { bucketTime, isDayInUtc, localTime } from "../format/time.ts";
import { sessionsPath } from "../sessions/filters.ts";
import type { ChartInfo } from "./charts.ts";
import classes from "./overview.module.css";

interface BucketChartProps {
  chart: ChartInfo;
  /** The start of each, in Unix seconds. */
  buckets: number[];
  bucketSecs: number;
  /** One of several below each other. */
  isSmall: boolean;
  /** Whether each step of the scale is ten times the one below; zero stays zero. */
  isLog: boolean;
}

const HEIGHT_PX = 190;
const SMALL_PX = 90;

/** Empty until the pointer is over a mark. */
function labelOf(bucket: unknown, bucketSecs: number): string {
  if (typeof bucket !== "number") return "";
  const time = new Date(bucket * 1000);
  return isDayInUtc(bucketSecs) ? `${bucketTime(time, bucketSecs)} (UTC)` : localTime(time);
}

/** A chart whose marks link to their sessions; the table below does the same for the keyboard. */
export default function BucketChart({ chart: { lines, kind }, buckets, bucketSecs, isSmall, isLog }: BucketChartProps) {
  const navigate = useNavigate();
  const data = buckets.map((bucket, index) => ({
    bucket,
    ...Object.fromEntries(lines.map(({ name, values }) => [name, values[index] ?? 0])),
  }));
  const highest = Math.max(1, ...lines.flatMap(({ values }) => values));
  const axis = {
    dataKey: "bucket",
    h: isSmall ? SMALL_PX : HEIGHT_PX,
    data,
    series: lines.map(({ name, color }) => ({ name, color })),
    gridAxis: "x" as const,
    tickLine: "none" as const,
    xAxisProps: { tickFormatter: (bucket: number) => bucketTime(new Date(bucket * 1000), bucketSecs), minTickGap: 40 },
    yAxisProps: {
      width: 44,
      allowDecimals: false,
      tickFormatter: shortCount,
      ...(isLog && { scale: "symlog" as const, domain: [0, highest], ticks: powersUpTo(highest) }),
    },
    tooltipAnimationDuration: 0,
    tooltipProps: { labelFormatter: (bucket: unknown) => labelOf(bucket, bucketSecs) },
  };

  function open(name: string, bucket: number) {
    const line = lines.find((one) => one.name === name);
    // A click between the marks selects no mark.
    if (line && Number.isFinite(bucket)) navigate(sessionsPath(line.behind({ from: bucket, to: bucket + bucketSecs })));
  }

  return kind === "bars" ? (
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
  );
}

/** 0, 1, 10, 100 and so on. */
function powersUpTo(highest: number): number[] {
  const count = Math.floor(Math.log10(highest)) + 1;
  return [0, ...Array.from({ length: count }, (_, exponent) => 10 ** exponent)];
}
