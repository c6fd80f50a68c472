import { NativeSelect, NumberInput, Textarea } from "@mantine/core";
import type { SettingInfo } from "./catalogue.ts";
import { showSetting, words } from "./show-setting.ts";

interface SettingFieldProps {
  field: SettingInfo;
  value: unknown;
  /** What applies if the field is empty. */
  unset: string;
  /** Without it the field is read-only. Undefined removes the setting. */
  onSet?: (value: unknown) => void;
}

/** One setting, as the input that fits it. */
export function SettingField({ field, value, unset, onSet }: SettingFieldProps) {
  const { key, name, help } = field;
  const common = { label: name, description: help, disabled: onSet === undefined };
  switch (field.type) {
    case "secs":
    case "count":
      return (
        <NumberInput
          {...common}
          value={typeof value === "number" ? value : ""}
          placeholder={unset}
          onChange={(typed) => onSet?.(typed === "" ? undefined : Number(typed))}
          allowDecimal={false}
          allowNegative={false}
          hideControls
          clampBehavior="none"
          suffix={field.type === "secs" ? " s" : undefined}
          inputWrapperOrder={["label", "input", "description"]}
          {...(field.type === "secs" &&
            typeof value === "number" && { description: `${showSetting(key, value)}. ${help}` })}
        />
      );
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
          inputWrapperOrder={["label", "input", "description"]}
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
          inputWrapperOrder={["label", "input", "description"]}
        />
      );
    case "networks":
    case "tag types":
      return <ListField {...common} value={value} unset={unset} onSet={onSet} />;
  }
}

interface ListFieldProps {
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
      inputWrapperOrder={["label", "input", "description"]}
    />
  );
}
