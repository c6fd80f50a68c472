import type { SettingInfo } from "./catalogue.ts";
import classes from "./policies.module.css";
import { SettingField } from "./setting-field.tsx";

interface LayerFormProps {
  title: string;
  fields: readonly SettingInfo[];
  settings: Record<string, unknown>;
  /** What applies if a setting's field is empty. */
  unset: (key: string) => string;
  /** What is wrong with a setting. */
  problem: (key: string) => string | undefined;
  onSet?: (key: string, value: unknown) => void;
}

/** The settings of the defaults, or of one tag. */
export function LayerForm({ title, fields, settings, unset, problem, onSet }: LayerFormProps) {
  return (
    <section className={classes.grid} aria-label={title}>
      {fields.map((field) => (
        <div key={field.key} className={settings[field.key] === undefined ? undefined : classes.set}>
          <SettingField
            field={field}
            value={settings[field.key]}
            unset={unset(field.key)}
            problem={problem(field.key)}
            onSet={onSet && ((value) => onSet(field.key, value))}
          />
        </div>
      ))}
    </section>
  );
}
