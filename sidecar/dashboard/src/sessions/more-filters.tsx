import { NativeSelect, TextInput } from "@mantine/core";
import type { ChangeEvent } from "react";
import { DEVICE_TYPES, FLAG_FILTERS, SESSION_EVENTS } from "../../../src/dashboard/contract/sessions.ts";
import { problemAt } from "../api/api-error.ts";
import type { SessionFilter } from "../api/calls.ts";
import { toLocalInput } from "../format/local-input.ts";
import classes from "./filter-form.module.css";
import { EVENT_NAMES, FLAG_FILTER_NAMES, TIME_FIELD_NAMES, TIME_FIELDS } from "./filters.ts";

interface MoreFiltersProps {
  filter: SessionFilter;
  error: unknown;
  onSelect: (event: ChangeEvent<HTMLSelectElement>) => void;
}

const KINDS = [{ value: "", label: "Any type" }, ...DEVICE_TYPES.map((value) => ({ value, label: value }))];
const EVENTS = [
  { value: "", label: "Any event" },
  ...SESSION_EVENTS.map((value) => ({ value, label: EVENT_NAMES[value] })),
];
const FLAGS = [
  { value: "", label: "Any" },
  ...FLAG_FILTERS.map((value) => ({ value, label: value === "any" ? "Any mark" : FLAG_FILTER_NAMES[value] })),
];
const BOUND = [
  { value: "", label: "Any" },
  { value: "true", label: "Bound to a device" },
  { value: "false", label: "Not bound" },
];

export function MoreFilters({ filter, error, onSelect }: MoreFiltersProps) {
  return (
    <div className={classes.fields}>
      <TextInput
        name="browser"
        label="Browser"
        placeholder="Chrome"
        error={problemAt(error, "browser")}
        defaultValue={filter.browser}
      />
      <TextInput name="os" label="System" placeholder="macOS" error={problemAt(error, "os")} defaultValue={filter.os} />
      <NativeSelect
        name="deviceType"
        label="Device type"
        data={KINDS}
        defaultValue={filter.deviceType}
        onChange={onSelect}
      />
      <NativeSelect
        name="bound"
        label="Device proof"
        data={BOUND}
        defaultValue={filter.bound === undefined ? "" : String(filter.bound)}
        onChange={onSelect}
      />
      <TextInput
        name="deviceKey"
        label="Device key"
        error={problemAt(error, "deviceKey")}
        defaultValue={filter.deviceKey}
        spellCheck={false}
        autoComplete="off"
      />
      <NativeSelect name="flag" label="Marked as" data={FLAGS} defaultValue={filter.flag} onChange={onSelect} />
      <NativeSelect name="event" label="Event" data={EVENTS} defaultValue={filter.event} onChange={onSelect} />
      {TIME_FIELD_NAMES.map((name) => (
        <TextInput
          key={name}
          name={name}
          label={TIME_FIELDS[name]}
          type="datetime-local"
          error={problemAt(error, name)}
          defaultValue={toLocalInput(filter[name])}
        />
      ))}
    </div>
  );
}
