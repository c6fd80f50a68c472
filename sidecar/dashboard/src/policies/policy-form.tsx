import { Accordion, Alert, Button, Group, Stack, Text } from "@mantine/core";
import { ErrorBoundary } from "../shell/error-boundary.tsx";
import { AddTag } from "./add-tag.tsx";
import { FIELDS, TAG_FIELDS } from "./catalogue.ts";
import { LayerForm } from "./layer-form.tsx";
import { readPolicy, withoutTag, withSetting, withTag } from "./policy-text.ts";
import { ProblemList } from "./problem-list.tsx";
import { showInForce } from "./show-setting.ts";
import { useBuiltIn } from "./use-built-in.ts";
import { useCheck } from "./use-check.ts";

interface PolicyFormProps {
  text: string;
  /** Without it the form is read-only. */
  onChange?: (text: string) => void;
}

/** The defaults and each tag as fields. It edits the same text that the JSONC tab shows. */
export function PolicyForm({ text, onChange }: PolicyFormProps) {
  const { data: check } = useCheck(text);
  const builtIn = useBuiltIn();
  const policy = readPolicy(text);
  if (!policy) {
    return (
      <Alert color="red" variant="light" title="The form cannot show this text">
        Fix it in the JSONC tab first.
      </Alert>
    );
  }
  const setter = (tag: string | null) =>
    onChange && ((key: string, value: unknown) => onChange(withSetting(text, tag, key, value)));
  return (
    <ErrorBoundary>
      <Stack gap="sm">
        {check && <ProblemList problems={check.problems} warnings={check.warnings} />}
        <Accordion variant="separated" multiple defaultValue={["defaults"]} keepMounted={false} order={2}>
          <Accordion.Item value="defaults">
            <Accordion.Control>
              Defaults <LayerSummary settings={policy.defaults} />
            </Accordion.Control>
            <Accordion.Panel>
              <LayerForm
                title="Settings of the defaults"
                fields={FIELDS}
                settings={policy.defaults}
                unset={(key) => `Built in: ${showInForce(key, builtIn[key])}`}
                onSet={setter(null)}
              />
            </Accordion.Panel>
          </Accordion.Item>
          {policy.tags.map(({ tag, settings }) => (
            <Accordion.Item key={tag} value={`tag ${tag}`}>
              <Accordion.Control>
                Tag <code>{tag}</code> <LayerSummary settings={settings} />
              </Accordion.Control>
              <Accordion.Panel>
                <LayerForm
                  title={`Settings of ${tag}`}
                  fields={TAG_FIELDS}
                  settings={settings}
                  unset={(key) => `As the defaults: ${showInForce(key, policy.defaults[key] ?? builtIn[key])}`}
                  onSet={setter(tag)}
                />
                {onChange && (
                  <Group mt="md">
                    <Button
                      size="xs"
                      color="red"
                      variant="light"
                      onClick={() => onChange(withoutTag(text, tag))}
                    >{`Remove the policy of ${tag}`}</Button>
                  </Group>
                )}
              </Accordion.Panel>
            </Accordion.Item>
          ))}
        </Accordion>
        {onChange && <AddTag taken={policy.tags.map(({ tag }) => tag)} onAdd={(tag) => onChange(withTag(text, tag))} />}
      </Stack>
    </ErrorBoundary>
  );
}

function LayerSummary({ settings }: { settings: Record<string, unknown> }) {
  const count = Object.keys(settings).length;
  return (
    <Text span size="xs" c="dimmed">
      {count === 0 ? "nothing set" : `${count} set`}
    </Text>
  );
}
