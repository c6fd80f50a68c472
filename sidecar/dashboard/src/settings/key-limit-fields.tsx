import { Checkbox, Fieldset } from "@mantine/core";
import { useState } from "react";
import type { IntegrationKeyInfo } from "../../../src/dashboard/contract/settings.ts";
import classes from "./settings.module.css";

interface KeyLimitFieldsProps {
  /** All commands that a key can be allowed to run. */
  commands: string[];
  /** The limits of now. Default: none. */
  limits?: Pick<IntegrationKeyInfo, "allowedCommands" | "mayIgnoreDevices">;
}

/** What a key may do. Ticking a command limits the key to those that are ticked. */
export function KeyLimitFields({ commands, limits }: KeyLimitFieldsProps) {
  const [allowed, setAllowed] = useState<readonly string[] | null>(limits?.allowedCommands ?? null);

  function toggle(command: string) {
    const before = allowed ?? [];
    setAllowed(before.includes(command) ? before.filter((one) => one !== command) : [...before, command]);
  }

  return (
    <>
      <Fieldset legend="Allowed commands">
        <Checkbox
          name="every-command"
          label="Every command"
          mb="xs"
          checked={allowed === null}
          onChange={({ currentTarget }) => setAllowed(currentTarget.checked ? null : [])}
        />
        <div className={classes.commands}>
          {commands.map((command) => (
            <Checkbox
              key={command}
              name="command"
              value={command}
              label={command}
              size="xs"
              checked={allowed?.includes(command) ?? false}
              onChange={() => toggle(command)}
            />
          ))}
        </div>
      </Fieldset>
      {allowed !== null && (
        <Checkbox
          name="ignore-devices"
          label="May ignore devices"
          defaultChecked={limits?.allowedCommands != null && limits.mayIgnoreDevices}
          description="The app can accept a bound session without a proof of its device, so a copied cookie is enough."
        />
      )}
    </>
  );
}

export interface KeyLimits {
  /** Null: every command. */
  allowedCommands: string[] | null;
  mayIgnoreDevices: boolean;
}

export function readKeyLimits(fields: FormData): KeyLimits {
  const isLimited = !fields.has("every-command");
  return {
    allowedCommands: isLimited ? fields.getAll("command").map(String) : null,
    mayIgnoreDevices: isLimited && fields.has("ignore-devices"),
  };
}
