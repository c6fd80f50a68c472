import { Button, Group, TextInput } from "@mantine/core";
import type { LogInput } from "../../../src/dashboard/contract/settings.ts";
import { toLocalInput } from "../format/local-input.ts";
import classes from "./log.module.css";

export function LogFields({ filter }: { filter: LogInput }) {
  const { actor, event, from, to } = filter;
  return (
    <>
      <div className={classes.fields}>
        <TextInput
          name="actor"
          label="Who"
          placeholder="dashboard:alice, operator, system"
          defaultValue={actor}
          spellCheck={false}
          autoComplete="off"
        />
        <TextInput
          name="event"
          label="What"
          placeholder="PolicyEdited"
          defaultValue={event}
          spellCheck={false}
          autoComplete="off"
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
