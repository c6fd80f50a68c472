import { TextInput, type TextInputProps } from "@mantine/core";
import { useState } from "react";
import { duration, exactDuration, parseDuration } from "../format/duration.ts";

/** How a kind of number is written. */
interface Notation {
  parse: (text: string) => number | undefined;
  write: (value: number) => string;
  /** What was expected, if `parse` finds no number. */
  expected: string;
  /** The number in other words, shown while it is right. */
  explain?: (value: number) => string;
}

const DURATION: Notation = {
  parse: parseDuration,
  write: duration,
  expected: "Write a number and its unit, such as 30 min, 12 h or 14 days",
  explain: (secs) => (secs < 60 ? "" : `= ${exactDuration(secs).replace(/^.*\((.*)\)$/, "$1")}. `),
};
const COUNT: Notation = {
  parse: (text) => (/^\d{1,15}$/.test(text.trim()) ? Number(text) : undefined),
  write: String,
  expected: "Write a whole number",
};

export interface NumberFieldProps extends Pick<TextInputProps, "label" | "placeholder" | "disabled" | "required"> {
  description: string;
  /** A text that is no number stays as it was typed. Undefined: empty. */
  value: number | string | undefined;
  min: number;
  max: number;
  /** What else is wrong with the value. */
  problem?: string | undefined;
  onChange: (value: number | string | undefined) => void;
}

/** A duration, written as people write it, in seconds. */
export function DurationInput(props: NumberFieldProps) {
  return <TypedInput {...props} notation={DURATION} />;
}

export function CountInput(props: NumberFieldProps) {
  return <TypedInput {...props} notation={COUNT} />;
}

interface TypedInputProps extends NumberFieldProps {
  notation: Notation;
}

/** Passes on what was typed: a number, or the text itself, so that nothing but what is on the screen can be saved. */
function TypedInput({ notation, value, min, max, problem, description, onChange, ...input }: TypedInputProps) {
  const shown = typeof value === "number" ? notation.write(value) : (value ?? "");
  const [typed, setTyped] = useState(shown);
  // Changed elsewhere, such as in the text of the policy.
  const text = readTyped(typed, notation) === value ? typed : shown;
  const error = errorOf(value, notation, { min, max }) ?? problem;
  const words = typeof value === "number" && error === undefined ? (notation.explain?.(value) ?? "") : "";
  return (
    <TextInput
      {...input}
      value={text}
      description={`${words}${description}`}
      error={error}
      autoComplete="off"
      spellCheck={false}
      inputWrapperOrder={["label", "input", "error", "description"]}
      onChange={({ currentTarget }) => {
        setTyped(currentTarget.value);
        onChange(readTyped(currentTarget.value, notation));
      }}
    />
  );
}

function readTyped(text: string, { parse }: Notation): number | string | undefined {
  return text.trim() === "" ? undefined : (parse(text) ?? text);
}

/** What is wrong with a value, as it can be seen without the sidecar. */
function errorOf(
  value: number | string | undefined,
  { expected, write }: Notation,
  { min, max }: { min: number; max: number },
): string | undefined {
  if (typeof value === "string") return expected;
  if (value === undefined || (value >= min && value <= max)) return undefined;
  return `Expected ${write(min)} to ${write(max)}`;
}
