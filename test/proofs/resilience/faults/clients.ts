import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { TestSidecar } from "../../../harness/test-sidecar.ts";
import { ConnectionBroken, openConnections } from "../crashes/connections.ts";
import { isAcknowledged, type Operation, type SessionHistory } from "./history.ts";

type Replica = Pick<TestSidecar, "url" | "integrationKey">;

export interface Clients {
  readonly histories: readonly SessionHistory[];
  /** Until so many more requests have been answered. */
  answered(more: number): Promise<void>;
  /** Stops; then asks about everything once more, and gives the histories with these answers. */
  audit(): Promise<readonly SessionHistory[]>;
}

export interface ClientsOptions {
  /** May change while the clients run. */
  replicas: readonly Replica[];
  count?: number;
}

const VISITS = 5;

/** Starts clients that log in, visit over any replica, rotate, and log out or stay. They remember all that they see. */
export function startClients({ replicas, count = 8 }: ClientsOptions): Clients {
  const histories: SessionHistory[] = [];
  const connections = openConnections();
  let isRunning = true;
  let turn = 0;
  let answers = 0;

  async function ask(kind: Operation["kind"], command: string, data: { sessionToken?: string; userId?: string }) {
    const replica = replicas[turn++ % replicas.length];
    if (!replica) throw new Error("clients need a replica");
    const operation: Operation = { kind, sentAtMs: performance.now(), answeredAtMs: 0, token: data.sessionToken ?? "" };
    try {
      const { status, body } = await connections.post(replica, { command, data });
      const isKnown = status !== 503;
      if (isKnown) operation.status = status;
      if (![200, 401, 503].includes(status)) operation.details = `${status} ${String(body.type)}`;
      if (kind === "login") operation.token = String(body.sessionToken ?? "");
      if (typeof body.userId === "string") operation.userId = body.userId;
      if (typeof body.newSessionToken === "string") operation.successor = body.newSessionToken;
      if (isKnown) answers++;
      else await sleep(20);
    } catch (error) {
      if (!(error instanceof ConnectionBroken)) throw error;
      await sleep(20);
    }
    operation.answeredAtMs = performance.now();
    return operation;
  }

  async function visit({ operations }: SessionHistory, token: string): Promise<string> {
    const operation = await ask("visit", "ValidateAndRefreshSession", { sessionToken: token });
    operations.push(operation);
    return operation.successor ?? token;
  }

  const tokenOf = ({ operations }: SessionHistory) =>
    operations.findLast(({ successor }) => successor !== undefined)?.successor ?? operations[0]?.token ?? "";

  async function beClient(client: number): Promise<void> {
    for (let login = 0; isRunning; login++) {
      const history: SessionHistory = { userId: randomUUID(), operations: [] };
      const created = await ask("login", "CreateSession", { userId: history.userId });
      if (!isAcknowledged(created)) continue;
      history.operations.push(created);
      histories.push(history);
      let token = created.token;
      for (let visits = 0; visits < VISITS && isRunning; visits++) {
        await sleep(50 + Math.random() * 250);
        token = await visit(history, token);
      }
      if (!isRunning || (client + login) % 2 === 0) continue;
      history.operations.push(await ask("end", "InvalidateSessionByToken", { sessionToken: token }));
    }
  }

  /** Each old token first: if it is given a successor again, its replacement was lost. */
  async function auditOne(history: SessionHistory): Promise<void> {
    const known = tokenOf(history);
    const old = history.operations.findLast(({ successor }) => successor === known)?.token;
    if (old !== undefined) await visit(history, old);
    await visit(history, known);
  }

  const clients = Promise.all(Array.from({ length: count }, (_, client) => beClient(client)));
  return {
    histories,
    async answered(more) {
      const enough = answers + more;
      while (answers < enough) await sleep(20);
    },
    async audit() {
      isRunning = false;
      await clients;
      // Ends may take this long to reach another replica.
      await sleep(1100);
      for (let start = 0; start < histories.length; start += 20) {
        await Promise.all(histories.slice(start, start + 20).map(auditOne));
      }
      connections.close();
      return histories;
    },
  };
}
