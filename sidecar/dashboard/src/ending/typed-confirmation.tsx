import { Stack } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";
import { DialogButtons } from "../parts/dialog-buttons.tsx";
import { FormError } from "../parts/form-error.tsx";
import { ConfirmationField, isConfirmed } from "./confirmation-field.tsx";

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
  const isRight = isConfirmed(expected, typed);

  function submit(event: FormEvent) {
    event.preventDefault();
    if (isRight) onConfirm();
  }

  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        {children}
        <ConfirmationField expected={expected} value={typed} onChange={setTyped} />
        <FormError error={error} />
        <DialogButtons verb={verb} isPending={isPending} onCancel={onCancel} isDisabled={!isRight} isDangerous />
      </Stack>
    </form>
  );
}
