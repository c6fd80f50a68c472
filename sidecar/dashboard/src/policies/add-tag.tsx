import { Button, Group, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";

interface AddTagProps {
  taken: string[];
  onAdd: (tag: string) => void;
}

const TAG = /^[^\s:]+:\S+$/;

export function AddTag({ taken, onAdd }: AddTagProps) {
  const [tag, setTag] = useState("");
  const [error, setError] = useState<string>();

  function submit(event: FormEvent) {
    event.preventDefault();
    if (!TAG.test(tag))
      return setError('Expected a tag as "org:acme": a type, a colon and a value, without whitespace');
    if (taken.includes(tag)) return setError("This tag already has a policy");
    onAdd(tag);
    setTag("");
    setError(undefined);
  }

  return (
    <form onSubmit={submit}>
      <Group align="flex-start" gap="xs">
        <TextInput
          aria-label="Tag with a policy of its own"
          placeholder="org:acme"
          value={tag}
          onChange={(event) => setTag(event.currentTarget.value.trim())}
          error={error}
          spellCheck={false}
          autoComplete="off"
        />
        <Button type="submit" variant="default">
          Add a policy for a tag
        </Button>
      </Group>
    </form>
  );
}
