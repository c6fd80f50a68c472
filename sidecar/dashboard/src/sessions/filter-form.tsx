import { Button, Collapse, Group, NativeSelect, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconFilter } from "@tabler/icons-react";
import { type ChangeEvent, type FormEvent, useState } from "react";
import { END_REASONS } from "../../../src/dashboard/contract/sessions.ts";
import { problemAt } from "../api/api-error.ts";
import type { SessionFilter } from "../api/calls.ts";
import { END_WORDING } from "./end-reasons.ts";
import classes from "./filter-form.module.css";
import { MoreFilters } from "./more-filters.tsx";
import { readFilterForm } from "./read-form.ts";

interface FilterFormProps {
  filter: SessionFilter;
  /** Why the sidecar refused the filter. */
  error: unknown;
  onChange: (filter: SessionFilter) => void;
}

const STATES = [
  { value: "all", label: "Any state" },
  { value: "active", label: "Active" },
  { value: "ended", label: "Ended" },
];
const REASONS = [
  { value: "", label: "Any reason" },
  ...END_REASONS.map((value) => ({ value, label: END_WORDING[value].name })),
];

/** Uncontrolled fields, filled from the address; remount the form (by a key) if the address changes elsewhere. */
export function FilterForm({ filter, error, onChange }: FilterFormProps) {
  const [hasMore, { toggle }] = useDisclosure(needsMore(filter));
  // Most people never open them, and drawing them takes as long as the rest of the form. Once there, they keep what is typed.
  const [isMade, setIsMade] = useState(hasMore);
  if (hasMore && !isMade) setIsMade(true);

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    onChange(readFilterForm(event.currentTarget, filter));
  }

  function submitAtOnce({ currentTarget }: ChangeEvent<HTMLSelectElement>) {
    currentTarget.form?.requestSubmit();
  }

  return (
    <form onSubmit={submit} aria-label="Filter the sessions">
      <div className={classes.fields}>
        <TextInput
          name="userId"
          label="User id"
          error={problemAt(error, "userId")}
          defaultValue={filter.userId}
          spellCheck={false}
          autoComplete="off"
        />
        <TextInput
          name="ip"
          label="IP address or CIDR"
          error={problemAt(error, "ip")}
          defaultValue={filter.ip}
          spellCheck={false}
          autoComplete="off"
        />
        <TextInput
          name="tag"
          label="Tags"
          error={problemAt(error, "tag")}
          placeholder="org:acme"
          defaultValue={filter.tag?.join(" ")}
          spellCheck={false}
          autoComplete="off"
        />
        <NativeSelect name="state" label="State" data={STATES} defaultValue={filter.state} onChange={submitAtOnce} />
        <NativeSelect
          name="endReason"
          label="Why it ended"
          data={REASONS}
          defaultValue={filter.endReason}
          onChange={submitAtOnce}
        />
      </div>
      <Collapse expanded={hasMore}>
        {isMade && <MoreFilters filter={filter} error={error} onSelect={submitAtOnce} />}
      </Collapse>
      <Group gap="xs" mt="sm">
        <Button type="submit" size="xs" leftSection={<IconFilter size={16} aria-hidden />}>
          Filter
        </Button>
        <Button size="xs" variant="default" onClick={toggle} aria-expanded={hasMore}>
          {hasMore ? "Fewer filters" : "More filters"}
        </Button>
      </Group>
    </form>
  );
}

function needsMore({ userId, ip, tag, state, endReason, ...more }: SessionFilter): boolean {
  return Object.keys(more).length > 0;
}
