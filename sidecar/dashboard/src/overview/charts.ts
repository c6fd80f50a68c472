import type { Series } from "../../../src/dashboard/contract/overview.ts";
import { END_REASONS, type EndReason } from "../../../src/dashboard/contract/sessions.ts";
import type { SessionFilter } from "../api/calls.ts";
import { END_WORDING } from "../sessions/end-reasons.ts";

/** From (inclusive) to (exclusive), in Unix seconds. */
export interface Bucket {
  from: number;
  to: number;
}

export interface ChartLine {
  name: string;
  color: string;
  values: number[];
  /** How often in the whole period; undefined for what is a state, which has no sum. */
  total?: number;
  /** The same in the period before; undefined if it is not known. */
  before?: number | undefined;
  /** The filter for the sessions of a mark. */
  behind: (bucket: Bucket) => SessionFilter;
}

export interface ChartInfo {
  title: string;
  help: string;
  kind: "bars" | "area";
  lines: ChartLine[];
}

const END_COLORS: Readonly<Record<EndReason, string>> = {
  LoggedOut: "gray.6",
  Revoked: "violet.6",
  Expired: "blue.6",
  Inactive: "cyan.6",
  SessionLimit: "yellow.6",
  IpAddressChanged: "orange.6",
  UserAgentChanged: "pink.6",
  TokenReused: "red.7",
};

/** The charts of the overview, the most useful first. */
export function chartsOf(series: Series): ChartInfo[] {
  const withEvent = (event: NonNullable<SessionFilter["event"]>) => (bucket: Bucket) => ({
    event,
    eventFrom: bucket.from,
    eventTo: bucket.to,
  });
  const sums = (values: number[], before: number | undefined) => ({
    ...{ values, before },
    total: values.reduce((sum, value) => sum + value, 0),
  });
  const { before } = series;
  return [
    {
      title: "Logins",
      help: "New sessions.",
      kind: "bars",
      lines: [
        {
          name: "Logins",
          color: "indigo.6",
          ...sums(series.logins, before?.logins),
          behind: ({ from, to }) => ({ createdFrom: from, createdTo: to }),
        },
      ],
    },
    {
      title: "Active sessions",
      help: "At the end of each step.",
      kind: "area",
      lines: [{ name: "Active", color: "teal.6", values: series.active, behind: ({ to }) => ({ activeAt: to }) }],
    },
    {
      title: "Ends by reason",
      help: "Why sessions ended.",
      kind: "bars",
      lines: END_REASONS.flatMap((endReason) => {
        const values = series.ends[endReason] ?? [];
        // A reason that has stopped is worth a line too.
        if (!values.some((count) => count > 0) && !before?.ends[endReason]) return [];
        const behind = ({ from, to }: Bucket) => ({ endReason, endedFrom: from, endedTo: to });
        const { name } = END_WORDING[endReason];
        return [{ ...sums(values, before?.ends[endReason]), name, color: END_COLORS[endReason], behind }];
      }),
    },
    {
      title: "Refusals",
      help: "Requests and logins that a rule refused. A refused login has no session.",
      kind: "bars",
      lines: [
        {
          name: "Refusals",
          color: "orange.6",
          ...sums(series.refusals, before?.refusals),
          behind: withEvent("refused"),
        },
      ],
    },
    {
      title: "Device challenges",
      help: "Requests that were asked to prove their device.",
      kind: "bars",
      lines: [
        {
          name: "Challenges",
          color: "cyan.6",
          ...sums(series.challenges, before?.challenges),
          behind: withEvent("challenged"),
        },
      ],
    },
    {
      title: "Rotations",
      help: "Tokens that were replaced.",
      kind: "bars",
      lines: [
        {
          name: "Rotations",
          color: "blue.6",
          ...sums(series.rotations, before?.rotations),
          behind: withEvent("rotated"),
        },
      ],
    },
    {
      title: "New devices",
      help: "Devices bound for the first time.",
      kind: "bars",
      lines: [
        {
          name: "New devices",
          color: "grape.6",
          ...sums(series.newDevices, before?.newDevices),
          behind: withEvent("newDevice"),
        },
      ],
    },
  ];
}
