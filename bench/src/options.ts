import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

export const PARTS = [
  "sizes",
  "writes",
  "device",
  "latency",
  "logins",
  "revocation",
  "workingSet",
  "next",
  "added",
  "requests",
] as const;
export type Part = (typeof PARTS)[number];

export interface Options {
  parts: readonly Part[];
  /** Only contestants with one of these names; what is no whole name stands for all that contain it. Empty: all. */
  contestants: readonly string[];
  secs: number;
  repeats: number;
  /** How long each contestant is under load before the first slice. */
  warmUpSecs: number;
  /** The number of sessions per contestant. */
  sessions: number;
  /** Additional rows in the session tables. */
  rows: number;
  /** For the part `sizes`. */
  sizes: readonly number[];
  /** For the part `revocation`. */
  revocations: number;
  /** Where results are stored; a part that is measured again replaces its old results. */
  results: URL;
  /** A folder for CPU profiles of the sidecars and apps. Measurements made while profiling are not stored. */
  profile: string | undefined;
}

const HELP = `npm run bench -- [options]
  --only requests,sizes,…    parts to measure: ${PARTS.join(", ")}. Default: all
  --contestants byo,iron     only those with one of these names, or with one of these in their name
  --secs 3                   length of a slice
  --repeats 5                slices of each contestant
  --warm-up 10               seconds under load before the first of them
  --sessions 512             sessions of each contestant
  --rows 1000000             session rows beside those that are used
  --sizes 10000,1000000      for the part sizes; add 10000000 where there is room for 6 GB
  --revocations 1000         for the part revocation
  --results docs/results     where results are kept and the report is written
  --profile folder           writes CPU profiles, and what they say to the report, instead of what is measured`;

export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string", default: PARTS.join(",") },
      contestants: { type: "string", default: "" },
      secs: { type: "string", default: "3" },
      repeats: { type: "string", default: "5" },
      "warm-up": { type: "string", default: "10" },
      sessions: { type: "string", default: "512" },
      rows: { type: "string", default: "1000000" },
      sizes: { type: "string", default: "10000,1000000" },
      revocations: { type: "string", default: "1000" },
      results: { type: "string", default: "docs/results" },
      profile: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    process.exit(0);
  }
  const parts = listOf(values.only).map((name) => {
    const part = PARTS.find((known) => known === name);
    if (!part) throw new Error(`--only: expected some of ${PARTS.join(", ")}. Got "${name}"`);
    return part;
  });
  return {
    parts,
    contestants: listOf(values.contestants),
    secs: number("secs", values.secs),
    repeats: number("repeats", values.repeats),
    warmUpSecs: number("warm-up", values["warm-up"]),
    sessions: number("sessions", values.sessions),
    rows: number("rows", values.rows),
    sizes: listOf(values.sizes).map((size) => number("sizes", size)),
    revocations: number("revocations", values.revocations),
    results: pathToFileURL(`${resolve(values.results)}/`),
    profile: values.profile,
  };
}

function listOf(text: string): string[] {
  return text.split(",").filter(Boolean);
}

function number(name: string, text: string): number {
  const value = Number(text);
  if (!(value >= 0)) throw new Error(`--${name}: expected a number. Got "${text}"`);
  return value;
}
