import type { Setting } from "../../../src/engine/policy/setting.ts";
import { DOCUMENT_SETTINGS, SETTINGS, TAG_SETTINGS } from "../../../src/engine/policy/settings.ts";

/** A setting as a field of the form. */
export type SettingInfo = Setting & { readonly key: string };

/** The form's fields for the defaults and for each tag. */
export const FIELDS = fieldsOf(SETTINGS);
export const TAG_FIELDS = [...fieldsOf(TAG_SETTINGS), ...FIELDS];

const BY_KEY = new Map([...TAG_FIELDS, ...fieldsOf(DOCUMENT_SETTINGS)].map((info) => [info.key, info]));

function fieldsOf(rows: Readonly<Record<string, Setting>>): SettingInfo[] {
  return Object.entries(rows).map(([key, setting]) => ({ ...setting, key }));
}

export function infoOfSetting(key: string): SettingInfo | undefined {
  return BY_KEY.get(key);
}

/** The setting's words; a setting that only a newer sidecar knows keeps its own name. */
export function nameOfSetting(key: string): string {
  return BY_KEY.get(key)?.name ?? key;
}

export function nameOfLayer(layer: string): string {
  return layer === "defaults" ? "Defaults" : layer;
}
