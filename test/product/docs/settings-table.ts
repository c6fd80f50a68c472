import type { Setting, Settings } from "../../../sidecar/src/engine/policy/setting.ts";
import { DOCUMENT_SETTINGS, SETTINGS, TAG_SETTINGS } from "../../../sidecar/src/engine/policy/settings.ts";

const TABLES: readonly [heading: string, rows: Settings][] = [
  ["in `defaults`, or for a tag", SETTINGS],
  ["for a tag only", TAG_SETTINGS],
  ["for all sessions, at the top level", DOCUMENT_SETTINGS],
];

/** The document with a table for each part of the policy file. */
export function withSettings(text: string): string {
  return TABLES.reduce((written, [heading, rows]) => {
    const start = written.indexOf(`| ${heading} |`);
    const end = written.indexOf("\n\n", start);
    if (start === -1 || end === -1) throw new Error(`expected a table that begins with "| ${heading} |"`);
    return written.slice(0, start) + tableOf(heading, rows) + written.slice(end);
  }, text);
}

function tableOf(heading: string, rows: Settings): string {
  const lines = Object.entries(rows).map(
    ([name, setting]) =>
      `| \`${name}\` | ${valuesOf(setting)} | ${defaultOf(setting)} | ${stricterOf(setting)} | ${setting.help} |`,
  );
  return [`| ${heading} | values | default | stricter | |`, "| --- | --- | --- | --- | --- |", ...lines].join("\n");
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
