import { Stack, Text, Textarea } from "@mantine/core";
import classes from "./policies.module.css";
import { ProblemList } from "./problem-list.tsx";
import { useCheck } from "./use-check.ts";

const LINES = 26;

interface PolicyEditorProps {
  text: string;
  /** Without it the text is read-only. */
  onChange?: (text: string) => void;
}

/** The whole document as text, checked by the sidecar while someone types. */
export function PolicyEditor({ text, onChange }: PolicyEditorProps) {
  const { found: check, isOfThis } = useCheck(text);
  return (
    <Stack gap="xs">
      <Textarea
        label="session_config.jsonc"
        description="Comments and trailing commas are allowed."
        classNames={{ input: classes.code }}
        rows={LINES}
        value={text}
        onChange={(event) => onChange?.(event.currentTarget.value)}
        readOnly={onChange === undefined}
        spellCheck={false}
        autoComplete="off"
        error={isOfThis && check && !check.isValid}
      />
      {check && isOfThis && <ProblemList problems={check.problems} warnings={check.warnings} />}
      {(!isOfThis || (check?.isValid && check.warnings.length === 0)) && (
        <Text size="sm" c="dimmed" role="status">
          {isOfThis ? "The policy is valid." : "Checking…"}
        </Text>
      )}
    </Stack>
  );
}
