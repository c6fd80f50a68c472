import { Button, Code, Group, Stack, TextInput } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";
import { FormError } from "../parts/form-error.tsx";

interface TypedConfirmationProps {
  /** What must be typed. */
  expected: string;
  /** The label of the button. */
  verb: string;
  isPending: boolean;
  error: unknown;
  onConfirm: () => void;
  onCancel: () => void;
  /** What is about to happen. */
  children: ReactNode;
}

/** Confirms what cannot be undone: nobody types a name by mistake. */
export function TypedConfirmation({
  expected,
  verb,
  isPending,
  error,
  onConfirm,
  onCancel,
  children,
}: TypedConfirmationProps) {
  const [typed, setTyped] = useState("");
  const isRight = typed.trim() === expected.trim();

  function submit(event: FormEvent) {
    event.preventDefault();
    if (isRight) onConfirm();
  }

  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        {children}
        <TextInput
          label={
            <>
              Type <Code>{expected}</Code> to confirm
            </>
          }
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          autoComplete="off"
          spellCheck={false}
          data-autofocus
        />
        <FormError error={error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onCancel}>
            Cancel
          </Button>
          <Button type="submit" color="red" disabled={!isRight} loading={isPending}>
            {verb}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
