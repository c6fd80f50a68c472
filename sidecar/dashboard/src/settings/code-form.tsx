import { Button, Group, Stack, TextInput } from "@mantine/core";
import type { FormEvent } from "react";
import type { InputOf } from "../api/calls.ts";
import { FormError } from "../parts/form-error.tsx";

interface CodeFormProps {
  verb: string;
  color?: string;
  /** Default: only codes from the app are accepted. */
  label?: string;
  action: { mutate: (input: InputOf<"access/enable-second-factor">) => void; isPending: boolean; error: unknown };
}

export function CodeForm({ verb, color, label = "Code from the app", action }: CodeFormProps) {
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const code = String(new FormData(event.currentTarget).get("code")).replaceAll(/\s/g, "");
    action.mutate({ code });
  }

  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <Group align="flex-end" gap="xs">
          <TextInput name="code" label={label} autoComplete="one-time-code" required w="14rem" />
          <Button type="submit" color={color} loading={action.isPending}>
            {verb}
          </Button>
        </Group>
        <FormError error={action.error} />
      </Stack>
    </form>
  );
}
