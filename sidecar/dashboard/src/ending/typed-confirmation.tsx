import { Stack } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";
import { DialogButtons } from "../parts/dialog-buttons.tsx";
import { FormError } from "../parts/form-error.tsx";
import { Overtaken } from "../parts/overtaken.tsx";
import { ConfirmationField, isConfirmed } from "./confirmation-field.tsx";

interface TypedConfirmationProps {
  /** What must be typed. */
  expected: string;
  /** The label of the button. */
  verb: string;
  isPending: boolean;
  error: unknown;
  /** Why there is nothing left to do: something happened while the dialog was open. */
  overtaken?: string | undefined;
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
  overtaken,
  onConfirm,
  onCancel,
  children,
}: TypedConfirmationProps) {
  const [typed, setTyped] = useState("");
  const isRight = isConfirmed(expected, typed) && overtaken === undefined;

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
        <Overtaken by={overtaken} />
        <DialogButtons
          verb={verb}
          cancel={overtaken === undefined ? "Cancel" : "Close"}
          isPending={isPending}
          onCancel={onCancel}
          isDisabled={!isRight}
          isDangerous
        />
      </Stack>
    </form>
  );
}
