import { TextInput } from "@mantine/core";

interface NoteInputProps {
  value: string;
  onChange: (note: string) => void;
  isRequired?: boolean;
}

/** Why something is done, for the log. */
export function NoteInput({ value, onChange, isRequired = false }: NoteInputProps) {
  return (
    <TextInput
      label={isRequired ? "Note for the log" : "Note for the log (optional)"}
      required={isRequired}
      value={value}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
      maxLength={500}
      autoComplete="off"
    />
  );
}
