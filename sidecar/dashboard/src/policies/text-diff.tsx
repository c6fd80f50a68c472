import { Text } from "@mantine/core";
import { diffJson } from "diff";
import { ScrollBox } from "../parts/scroll-box.tsx";
import classes from "./policies.module.css";

/** How many unchanged lines are shown around a change. */
const CONTEXT = 2;

interface Line {
  text: string;
  change: "added" | "removed" | "same";
}

const SIGNS = { added: "+ ", removed: "- ", same: "  " } as const;

/** Two texts, line by line. */
export function TextDiff({ before, after }: { before: string; after: string }) {
  // Also line by line, but a line that only gained a comma counts as unchanged.
  const lines = diffJson(before, after).flatMap(({ value, added, removed }): Line[] =>
    value
      .replace(/\n$/, "")
      .split("\n")
      .map((text) => ({ text, change: added ? "added" : removed ? "removed" : "same" })),
  );
  const isNear = (index: number) =>
    lines.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).some(({ change }) => change !== "same");
  const shown = lines.map((line, number) => ({ ...line, number })).filter(({ number }) => isNear(number));
  if (shown.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        No difference.
      </Text>
    );
  }
  return (
    <ScrollBox label="Difference, line by line" className={classes.diff}>
      <pre>
        {shown.map(({ text, change, number }) => (
          <span key={number} className={classes.line} data-change={change}>
            {SIGNS[change]}
            {text}
          </span>
        ))}
      </pre>
    </ScrollBox>
  );
}
