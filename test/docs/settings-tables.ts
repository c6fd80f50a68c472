import type { Setting, Settings } from "../../sidecar/src/policy/setting.ts";
import { DOCUMENT_SETTINGS, SETTINGS, TAG_SETTINGS } from "../../sidecar/src/policy/settings.ts";
import type { WrittenPart } from "../security/written-part.ts";

export const SETTINGS_PART: WrittenPart = {
  document: "docs/configuration.md",
  start: "<!-- settings: written by test/docs/write-settings.ts -->",
  end: "<!-- end of the settings -->",
};

/** The settings of a policy, as docs/configuration.md has them. */
export function settingsTables(): string {
  return [
    "In `defaults` and for a tag:",
    tableOf(SETTINGS),
    "For a tag only:",
    tableOf(TAG_SETTINGS),
    "For all sessions, at the top level of the file:",
    tableOf(DOCUMENT_SETTINGS),
  ].join("\n\n");
}

function tableOf(rows: Settings): string {
  const lines = Object.entries(rows).map(
    ([name, setting]) =>
      `| \`${name}\` | ${valuesOf(setting)} | ${defaultOf(setting)} | ${stricterOf(setting)} | ${setting.help} |`,
  );
  return ["| setting | values | default | stricter | |", "| --- | --- | --- | --- | --- |", ...lines].join("\n");
}

function valuesOf(setting: Setting): string {
  switch (setting.type) {
    case "secs":
      return `${setting.min} to ${setting.max} seconds`;
    case "count":
      return `${setting.min} to ${setting.max}`;
    case "flag":
      return "`true`, `false`";
    case "choice":
      return setting.strictestFirst.map((word) => `\`${word}\``).join(", ");
    case "networks":
      return "a list of addresses and CIDRs, IPv4 and IPv6";
    case "tag types":
      return "a list of types of tags";
  }
}

function defaultOf({ builtIn, unset }: Setting): string {
  if (builtIn === undefined) return `*${unset}*`;
  return `\`${typeof builtIn === "string" ? builtIn : JSON.stringify(builtIn)}\``;
}

function stricterOf(setting: Setting): string {
  switch (setting.type) {
    case "secs":
    case "count": {
      const never = setting.zero === undefined ? "" : "; 0 is the least strict";
      return `${setting.stricter === "less" ? "the smaller" : "the larger"}${never}`;
    }
    case "flag":
      return `\`${setting.stricter}\``;
    case "choice":
      return "the word further left";
    case "networks":
      return setting.stricter === "less" ? "what both lists have" : "what either list has";
    case "tag types":
      return setting.stricter === "more" ? "the longer list" : "neither";
  }
}
