import { SESSION_CONFIG_FILE } from "../../engine/config/session-config.ts";
import type { SessionConfig } from "../../engine/policy/values.ts";
import type { PolicySetting, SessionDetail } from "../contract/sessions.ts";
import { createEventStore } from "../events/store.ts";
import type { FollowedEdits } from "../policies/edits.ts";
import { explainPolicy } from "../policies/explain.ts";
import type { PolicyHistory } from "../policies/history.ts";
import { createPolicyStore } from "../policies/store.ts";
import { toPolicyJson } from "../policies/tasks.ts";
import type { PolicyWork } from "../policies/work.ts";
import type { LivingContext } from "../search-context.ts";
import type { DetailRow } from "./store.ts";

export interface PolicyAtContext extends LivingContext {
  /** The configuration file of this replica. */
  file: () => SessionConfig;
  edits: FollowedEdits | undefined;
  history: PolicyHistory;
  work: PolicyWork;
}

const MAX_CHANGES = 100;

type Shown = Pick<SessionDetail, "policy" | "policyOf">;

/** The settings that apply to a living session, or that applied to an ended one at its end. */
export async function policyShown(row: DetailRow, endedAt: number | null, context: PolicyAtContext): Promise<Shown> {
  const { policies, file, edits, history } = context;
  const revision = edits?.current()?.revision ?? 0;
  const now = () => explainPolicy(policies.config(), file(), row.tags);
  if (endedAt === null) return { policy: now(), policyOf: { time: "now", revision } };

  const era = history.at(endedAt);
  const isUnmarked = row.endedAt === null;
  const at = isUnmarked ? (era?.revision ?? revision) : row.endRevision;
  if (at === null) return { policy: now(), policyOf: { time: "unknown", revision: null } };
  const ofEnd = { time: "end", revision: at } as const;
  if (era && era.revision === at && (at === revision || isUnmarked)) {
    const isSure = !(await fileChangedSince(endedAt, context));
    if (isSure) return { policy: explainPolicy(era.config, file(), row.tags), policyOf: ofEnd };
    return { policy: now(), policyOf: { time: "unknown", revision: at } };
  }
  const text = await textOf(at, context);
  if (text === undefined) return { policy: now(), policyOf: { time: "unknown", revision: at } };
  return { policy: await explainText(text, row.tags, context), policyOf: ofEnd };
}

/** Whether the file changed before this replica started: then it does not know what the file was. */
async function fileChangedSince(ms: number, { boundedDb, history: { startedAt } }: PolicyAtContext): Promise<boolean> {
  if (ms >= startedAt) return false;
  const filter = { event: "ConfigChanged", from: ms / 1000, to: startedAt / 1000 };
  const changes = await createEventStore(boundedDb).log(filter, undefined, MAX_CHANGES);
  return changes.some(({ details }) => Array.isArray(details?.files) && details.files.includes(SESSION_CONFIG_FILE));
}

/** The policy of a revision. Of the file alone: as the first edit found it. */
async function textOf(revision: number, { boundedDb }: PolicyAtContext): Promise<string | undefined> {
  const store = createPolicyStore(boundedDb);
  return revision === 0 ? (await store.read(1))?.textBefore : (await store.read(revision))?.textAfter;
}

async function explainText(text: string, tags: string[], { work, file }: PolicyAtContext): Promise<PolicySetting[]> {
  return work.run("explain", { policy: { text }, file: toPolicyJson(file()), tags });
}
