import { CloseButton, Group } from "@mantine/core";
import { Link } from "react-router";
import type { SessionFilter } from "../api/calls.ts";
import { localTime } from "../format/time.ts";
import { visibleText } from "../format/visible.ts";
import classes from "./active-filters.module.css";
import { END_WORDING } from "./end-reasons.ts";
import { EVENT_NAMES, FLAG_FILTER_NAMES, sessionsPath, TIME_FIELDS, type TimeField } from "./filters.ts";

/** The active filters, each with a button to remove it. */
export function ActiveFilters({ filter }: { filter: SessionFilter }) {
  const narrowed = describeFilter(filter);
  if (narrowed.length === 0) return null;
  return (
    <Group component="ul" gap={6} className={classes.list} aria-label="Active filters">
      {narrowed.map(({ text, rest }) => (
        <li key={text} className={classes.item}>
          <span className={classes.text}>{text}</span>
          <CloseButton component={Link} to={sessionsPath(rest)} size="xs" aria-label={`Remove the filter ${text}`} />
        </li>
      ))}
      <li className={classes.item}>
        <Link to="/sessions" className={classes.clear}>
          Clear all
        </Link>
      </li>
    </Group>
  );
}

/** Each part of a filter in words, with the filter that remains without it. */
export function describeFilter(filter: SessionFilter): { text: string; rest: SessionFilter }[] {
  const { tag = [], ...single } = filter;
  const fields = Object.keys(single) as (keyof typeof single)[];
  return [
    ...fields.map((field) => ({ text: describeField(field, single), rest: { ...filter, [field]: undefined } })),
    ...tag.map((one) => ({ text: one, rest: { ...filter, tag: tag.filter((other) => other !== one) } })),
  ];
}

function describeField(field: Exclude<keyof SessionFilter, "tag">, filter: SessionFilter): string {
  const { endReason, event, eventFrom, eventTo } = filter;
  if (field in TIME_FIELDS) {
    const name = field as TimeField;
    return `${TIME_FIELDS[name]} ${localTime(new Date((filter[name] ?? 0) * 1000))}`;
  }
  if (field === "state") return filter.state === "ended" ? "Ended" : "Active";
  if (field === "userId") return `User ${visibleText(filter.userId ?? "")}`;
  if (field === "ip") return `Address ${filter.ip}`;
  if (field === "deviceKey") return `Device key ${filter.deviceKey}`;
  if (field === "flag" && filter.flag) return FLAG_FILTER_NAMES[filter.flag];
  if (field === "bound") return filter.bound ? "Bound to a device" : "Not bound to a device";
  if (field === "endReason" && endReason) return END_WORDING[endReason].name;
  if (field === "event" && event) {
    const isTimed = eventFrom !== undefined || eventTo !== undefined;
    return `${EVENT_NAMES[event]}${isTimed ? "" : " within the last day"}`;
  }
  return String(filter[field]);
}
