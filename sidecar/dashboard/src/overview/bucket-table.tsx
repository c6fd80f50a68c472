import { Table } from "@mantine/core";
import { useState } from "react";
import { bucketTime } from "../format/time.ts";
import { ScrollBox } from "../parts/scroll-box.tsx";
import { TableHead } from "../parts/table-head.tsx";
import { TextLink } from "../parts/text-link.tsx";
import { sessionsPath } from "../sessions/filters.ts";
import type { ChartInfo } from "./charts.ts";
import classes from "./overview.module.css";

interface BucketTableProps {
  chart: ChartInfo;
  buckets: number[];
  bucketSecs: number;
}

/** A chart's numbers, for people who cannot see it or use a pointer. Steps without events are left out. */
export function BucketTable({ chart, buckets, bucketSecs }: BucketTableProps) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <details onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary className={classes.summary}>{chart.title} as a table</summary>
      {isOpen && <Rows chart={chart} buckets={buckets} bucketSecs={bucketSecs} />}
    </details>
  );
}

function Rows({ chart, buckets, bucketSecs }: BucketTableProps) {
  const rows = buckets
    .flatMap((from, index) =>
      chart.lines.map(({ name, values, behind }) => ({
        key: `${name} ${from}`,
        from,
        name,
        count: values[index] ?? 0,
        path: sessionsPath(behind({ from, to: from + bucketSecs })),
      })),
    )
    .filter(({ count }) => count > 0)
    .reverse();
  return (
    <ScrollBox label={`${chart.title}, numbers`} className={classes.table}>
      <Table>
        <TableHead names={["From", "What", "Count"]} />
        <Table.Tbody>
          {rows.map(({ key, from, name, count, path }) => (
            <Table.Tr key={key}>
              <Table.Td>{bucketTime(new Date(from * 1000), bucketSecs)}</Table.Td>
              <Table.Td>{name}</Table.Td>
              <Table.Td>
                <TextLink to={path}>{count}</TextLink>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </ScrollBox>
  );
}
