import { TextInput } from "@mantine/core";

interface NoteInputProps {
  value: string;
  onChange: (note: string) => void;
}

/** Why something is done, for the log. */
export function NoteInput({ value, onChange }: NoteInputProps) {
  return (
    <TextInput
      label="Note for the log (optional)"
      value={value}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
      maxLength={500}
      autoComplete="off"
    />
  );
}
