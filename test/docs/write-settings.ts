// Writes the tables of settings into docs/configuration.md: node test/docs/write-settings.ts
import { writePart } from "../security/written-part.ts";
import { SETTINGS_PART, settingsTables } from "./settings-tables.ts";

writePart(SETTINGS_PART, settingsTables());
console.log(`${SETTINGS_PART.document}: written`);
