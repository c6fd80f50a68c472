import { Checkbox, Fieldset } from "@mantine/core";
import { useState } from "react";
import classes from "./webhooks.module.css";

interface LimitedChoiceProps {
  /** The name of the fields of the form. */
  name: string;
  label: string;
  values: readonly string[];
  /** Null: all. */
  chosen: readonly string[] | null;
}

/** All of some values, or a list of them. */
export function LimitedChoice({ name, label, values, chosen }: LimitedChoiceProps) {
  const [isLimited, setIsLimited] = useState(chosen !== null);
  return (
    <>
      <Checkbox
        name={`${name}-limited`}
        label={label}
        checked={isLimited}
        onChange={(event) => setIsLimited(event.currentTarget.checked)}
      />
      {isLimited && (
        <Fieldset legend={label}>
          <div className={classes.choices}>
            {values.map((value) => (
              <Checkbox
                key={value}
                name={name}
                value={value}
                label={value}
                size="xs"
                defaultChecked={chosen?.includes(value) ?? false}
              />
            ))}
          </div>
        </Fieldset>
      )}
    </>
  );
}
