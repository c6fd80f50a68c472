import { expect, it } from "vitest";
import { readPart } from "../security/written-part.ts";
import { SETTINGS_PART, settingsTables } from "./settings-tables.ts";

it("docs/configuration.md says what the settings say; else run: node test/docs/write-settings.ts", () => {
  expect(readPart(SETTINGS_PART)).toBe(settingsTables());
});
