import { Button, Group, NativeSelect, TextInput } from "@mantine/core";
import { LOG_EVENTS } from "../../../src/dashboard/sentences/dashboard-sentences.ts";
import type { LogFilter } from "../api/calls.ts";
import { toLocalInput } from "../format/local-input.ts";
import classes from "./log.module.css";

const EVENTS = [
  { value: "", label: "Any event" },
  ...LOG_EVENTS.map((value) => ({ value, label: inWords(value) })).sort((a, b) => a.label.localeCompare(b.label)),
];

/** "Policy edited" for "PolicyEdited". */
function inWords(event: string): string {
  return event.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

export function LogFields({ filter }: { filter: LogFilter }) {
  const { actor, event, from, to } = filter;
  return (
    <>
      <div className={classes.fields}>
        <TextInput
          name="actor"
          label="Who"
          placeholder="alice, operator, system"
          defaultValue={actor}
          spellCheck={false}
          autoComplete="off"
        />
        <NativeSelect
          name="event"
          label="Event"
          data={EVENTS}
          defaultValue={event}
          onChange={({ currentTarget }) => currentTarget.form?.requestSubmit()}
        />
        <TextInput name="from" label="From" type="datetime-local" defaultValue={toLocalInput(from)} />
        <TextInput name="to" label="Before" type="datetime-local" defaultValue={toLocalInput(to)} />
      </div>
      <Group mt="sm">
        <Button type="submit" size="xs">
          Filter
        </Button>
      </Group>
    </>
  );
}
