import { Code, TextInput } from "@mantine/core";

interface ConfirmationFieldProps {
  /** What must be typed. */
  expected: string;
  value: string;
  onChange: (typed: string) => void;
}

/** The field in which a person types what is about to happen. */
export function ConfirmationField({ expected, value, onChange }: ConfirmationFieldProps) {
  return (
    <TextInput
      label={
        <>
          Type <Code>{expected}</Code> to confirm
        </>
      }
      value={value}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
      autoComplete="off"
      spellCheck={false}
      data-autofocus
    />
  );
}

export function isConfirmed(expected: string, typed: string): boolean {
  return typed.trim() === expected.trim();
}
