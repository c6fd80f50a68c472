import { SegmentedControl } from "@mantine/core";
import { RANGES, type Range } from "./range.ts";

interface RangeControlProps {
  range: Range;
  onChange: (value: string) => void;
}

/** How far back from now. */
export function RangeControl({ range, onChange }: RangeControlProps) {
  return (
    <SegmentedControl
      size="xs"
      withItemsBorders={false}
      aria-label="Time range"
      data={RANGES.map(({ value, label }) => ({ value, label }))}
      value={range.value}
      onChange={onChange}
    />
  );
}
