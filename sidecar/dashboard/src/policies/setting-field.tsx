import { NativeSelect, Textarea, type TextareaProps } from "@mantine/core";
import { CountInput, DurationInput } from "../parts/typed-input.tsx";
import type { SettingInfo } from "./catalogue.ts";
import { words } from "./show-setting.ts";

interface SettingFieldProps {
  field: SettingInfo;
  value: unknown;
  /** What applies if the field is empty. */
  unset: string;
  /** What the sidecar says is wrong with it. */
  problem?: string | undefined;
  /** Without it the field is read-only. Undefined removes the setting. */
  onSet?: (value: unknown) => void;
}

/** One setting, as the input that fits it. */
export function SettingField({ field, value, unset, problem, onSet }: SettingFieldProps) {
  const { name, help } = field;
  const common = { label: name, description: help, disabled: onSet === undefined };
  const order: InputOrder = { error: problem, inputWrapperOrder: ["label", "input", "error", "description"] };
  switch (field.type) {
    case "secs":
    case "count": {
      const Input = field.type === "secs" ? DurationInput : CountInput;
      return (
        <Input
          {...common}
          value={typeof value === "number" || typeof value === "string" ? value : undefined}
          placeholder={unset}
          min={field.min}
          max={field.max}
          problem={problem}
          onChange={(typed) => onSet?.(typed)}
        />
      );
    }
    case "flag":
      return (
        <NativeSelect
          {...common}
          data={[
            { value: "", label: unset },
            { value: "true", label: "Yes" },
            { value: "false", label: "No" },
          ]}
          value={typeof value === "boolean" ? String(value) : ""}
          onChange={({ currentTarget }) =>
            onSet?.(currentTarget.value === "" ? undefined : currentTarget.value === "true")
          }
          {...order}
        />
      );
    case "choice":
      return (
        <NativeSelect
          {...common}
          data={[
            { value: "", label: unset },
            ...field.strictestFirst.map((word) => ({ value: word, label: words(word) })),
          ]}
          value={typeof value === "string" ? value : ""}
          onChange={({ currentTarget }) => onSet?.(currentTarget.value || undefined)}
          {...order}
        />
      );
    case "networks":
    case "tag types":
      return <ListField {...common} {...order} value={value} unset={unset} onSet={onSet} />;
  }
}

type InputOrder = Pick<TextareaProps, "error" | "inputWrapperOrder">;

interface ListFieldProps extends InputOrder {
  label: string;
  description: string;
  disabled: boolean;
  value: unknown;
  unset: string;
  onSet?: (value: unknown) => void;
}

function ListField({ value, unset, onSet, ...common }: ListFieldProps) {
  const text = Array.isArray(value) ? value.join("\n") : "";
  return (
    <Textarea
      {...common}
      // Applied when the field loses focus: an address that is not finished yet is not an error.
      key={text}
      defaultValue={text}
      placeholder={unset}
      rows={3}
      spellCheck={false}
      onBlur={({ currentTarget }) => {
        const entries = currentTarget.value.split(/[\s,]+/).filter(Boolean);
        if (entries.join("\n") !== text) onSet?.(entries.length === 0 ? undefined : entries);
      }}
    />
  );
}
