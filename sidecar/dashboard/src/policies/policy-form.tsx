import { Accordion, Alert, Button, Group, Stack, Text } from "@mantine/core";
import { countOf } from "../format/count.ts";
import { ErrorBoundary } from "../shell/error-boundary.tsx";
import { AddTag } from "./add-tag.tsx";
import { FIELDS, infoOfSetting, TAG_FIELDS } from "./catalogue.ts";
import { LayerForm } from "./layer-form.tsx";
import { readPolicy, withoutTag, withSetting, withTag } from "./policy-text.ts";
import { ProblemList } from "./problem-list.tsx";
import { showInForce } from "./show-setting.ts";
import { useCheck } from "./use-check.ts";

interface PolicyFormProps {
  text: string;
  /** Without it the form is read-only. */
  onChange?: (text: string) => void;
}

/** The defaults and each tag as fields. It edits the same text that the JSONC tab shows. */
export function PolicyForm({ text, onChange }: PolicyFormProps) {
  const { found: check, isOfThis } = useCheck(text);
  const policy = readPolicy(text);
  if (!policy) {
    return (
      <Alert color="red" variant="light" title="The form cannot show this text">
        Fix it in the JSONC tab first.
      </Alert>
    );
  }
  const problems = isOfThis ? (check?.problems ?? []) : [];
  const at = (layer: string) => problems.filter((problem) => problem.layer === layer && problem.setting !== null);
  const problemAt = (layer: string) => (key: string) => at(layer).find(({ setting }) => setting === key)?.message;
  const layers = ["defaults", ...policy.tags.map(({ tag }) => tag)];
  // The others stand at their fields.
  const elsewhere = problems.filter(({ layer }) => layer === null || !layers.includes(layer));
  const setter = (tag: string | null) =>
    onChange && ((key: string, value: unknown) => onChange(withSetting(text, tag, key, value)));
  return (
    <ErrorBoundary>
      <Stack gap="sm">
        {check && isOfThis && <ProblemList problems={elsewhere} warnings={check.warnings} />}
        <Accordion variant="separated" multiple defaultValue={["defaults"]} keepMounted={false} order={2}>
          <Accordion.Item value="defaults">
            <Accordion.Control>
              Defaults <LayerSummary settings={policy.defaults} problems={at("defaults").length} />
            </Accordion.Control>
            <Accordion.Panel>
              <LayerForm
                title="Settings of the defaults"
                fields={FIELDS}
                settings={policy.defaults}
                unset={(key) => `Built in: ${showInForce(key, infoOfSetting(key)?.builtIn)}`}
                problem={problemAt("defaults")}
                onSet={setter(null)}
              />
            </Accordion.Panel>
          </Accordion.Item>
          {policy.tags.map(({ tag, settings }) => (
            // The value is in the id of the panel, to which the button refers: an id has no spaces.
            <Accordion.Item key={tag} value={`tag-${tag.replaceAll(/\s/g, "_")}`}>
              <Accordion.Control>
                Tag <code>{tag}</code> <LayerSummary settings={settings} problems={at(tag).length} />
              </Accordion.Control>
              <Accordion.Panel>
                <LayerForm
                  title={`Settings of ${tag}`}
                  fields={TAG_FIELDS}
                  settings={settings}
                  unset={(key) =>
                    `As the defaults: ${showInForce(key, policy.defaults[key] ?? infoOfSetting(key)?.builtIn)}`
                  }
                  problem={problemAt(tag)}
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

function LayerSummary({ settings, problems }: { settings: Record<string, unknown>; problems: number }) {
  const count = Object.keys(settings).length;
  return (
    <Text span size="xs" c={problems > 0 ? "var(--mantine-color-error)" : "dimmed"}>
      {count === 0 ? "nothing set" : `${count} set`}
      {problems > 0 && `, ${countOf(problems, "problem")}`}
    </Text>
  );
}
