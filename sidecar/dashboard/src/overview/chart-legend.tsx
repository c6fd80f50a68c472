import { ColorSwatch, Text, UnstyledButton } from "@mantine/core";
import { changeOf } from "./change.ts";
import type { ChartLine } from "./charts.ts";
import classes from "./overview.module.css";

interface ChartLegendProps {
  lines: ChartLine[];
  /** The names of the lines that are switched off. */
  hidden: readonly string[];
  onToggle: (name: string) => void;
}

const whole = new Intl.NumberFormat();

/** The total of each line and its change; with several lines, each is a switch. */
export function ChartLegend({ lines, hidden, onToggle }: ChartLegendProps) {
  if (lines.every(({ total }) => total === undefined)) return null;
  return (
    <ul className={classes.legend} aria-label="Totals">
      {lines.map((line) => (
        <li key={line.name}>
          {lines.length === 1 ? (
            <Total line={line} />
          ) : (
            <UnstyledButton
              className={classes.toggle}
              aria-pressed={!hidden.includes(line.name)}
              onClick={() => onToggle(line.name)}
            >
              <ColorSwatch size={10} color={colorOf(line.color)} withShadow={false} aria-hidden />
              <span>{line.name}:</span>
              <Total line={line} />
            </UnstyledButton>
          )}
        </li>
      ))}
    </ul>
  );
}

function Total({ line: { total = 0, before } }: { line: ChartLine }) {
  return (
    <span>
      <strong>{whole.format(total)}</strong>
      {before !== undefined && (
        <Text span size="xs" c="dimmed">
          {" "}
          {changeOf(total, before)}
        </Text>
      )}
    </span>
  );
}

/** "red.7" of the theme as a colour of CSS. */
function colorOf(name: string): string {
  return `var(--mantine-color-${name.replace(".", "-")})`;
}
