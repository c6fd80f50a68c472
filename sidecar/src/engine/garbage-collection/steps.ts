import { deleteOldAuditRows } from "../audit/store.ts";
import { createDeviceStore } from "../devices/store.ts";
import type { SessionDependencies } from "../sessions/dependencies.ts";
import { createTokenKeyStore } from "../stateless-tokens/store.ts";
import { createTicketStore } from "../tickets/store.ts";
import { markingSteps } from "./mark-lapsed.ts";
import type { BatchResult, BatchWork, CollectionStep } from "./step.ts";
import { createCollectorStore } from "./store.ts";

/** What a collection does. */
export function collectionSteps(deps: SessionDependencies): CollectionStep[] {
  const { policies, activity } = deps;
  const step = (name: string, batch: (work: BatchWork) => Promise<BatchResult>): CollectionStep => ({ name, batch });
  return [
    ...markingSteps(deps),
    step("delete_ended_sessions", ({ tx, from, size }) =>
      createCollectorStore(tx, activity).deleteEnded(policies.current().ended_session_retention_secs, from, size),
    ),
    step("delete_audit_events", ({ tx, from, size }) =>
      deleteOldAuditRows(tx, policies.current().audit_retention_secs, from, size),
    ),
    step("delete_used_proofs", ({ tx, from, size }) => createDeviceStore(tx).deleteExpiredProofs(from, size)),
    step("delete_upgrade_tickets", ({ tx, from, size }) => createTicketStore(tx).deleteExpired(from, size)),
    step("delete_token_keys", ({ tx, from, size }) => createTokenKeyStore(tx).deleteExpired(from, size)),
    step("forget_devices", ({ tx, from, size }) => createDeviceStore(tx).deleteLapsed(from, size)),
  ];
}
