import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { CommandAnswer, SidecarClient } from "../../../harness/sidecar-client.ts";
import type { TestSidecar } from "../../../harness/test-sidecar.ts";
import { ConnectionBroken, openConnections } from "./connections.ts";

/** Rotates a second after the login, and tells an old token for long enough to ask about it after a restart. */
export const LOAD_CONFIG = { defaults: { rotation_interval_secs: 1, rotation_grace_secs: 3600 } };

/** What a client knows of its session. What was acknowledged must stay true, whatever happens to the servers. */
export interface ToldSession {
  sessionId: string;
  /** The newest token that was received. */
  token: string;
  /** The token before it, where the first use of the newer one was acknowledged. */
  previous?: string;
  /** `unknown`: asked for, and the answer did not come. */
  end: "none" | "acknowledged" | "unknown";
}

export interface Load {
  sessions: readonly ToldSession[];
  counts: Readonly<LoadCounts>;
  /** Until so many more rotations and ends have been acknowledged: however slow the machine is. */
  grow(by: number): Promise<void>;
  /** Lets what is under way come to its end, and stops. */
  stop(): Promise<void>;
}

export interface LoadCounts {
  acknowledged: number;
  /** Answered with 503 or 500: nothing is known. */
  unavailable: number;
  /** No answer on a connection that had been accepted. */
  brokenOff: number;
  /** No answer on a new connection: nobody took it. */
  turnedAway: number;
  /** A session that nobody ended was refused. */
  refused: number;
  slowestMs: number;
}

const USERS = 24;
const VISITS = 4;

/** Simulates users: each logs in, visits until its token has rotated, and then logs out, is revoked, or stays. */
export function startLoad(sidecars: readonly Pick<TestSidecar, "url" | "integrationKey">[]): Load {
  const sessions: ToldSession[] = [];
  const counts: LoadCounts = {
    acknowledged: 0,
    unavailable: 0,
    brokenOff: 0,
    turnedAway: 0,
    refused: 0,
    slowestMs: 0,
  };
  const connections = openConnections();
  let running = true;
  let asked = 0;

  async function ask(command: string, data: object): Promise<CommandAnswer | undefined> {
    const sidecar = sidecars[asked++ % sidecars.length];
    const start = performance.now();
    try {
      if (!sidecar) throw new Error("a load needs a sidecar");
      const answer = await connections.post(sidecar, { command, data });
      if (answer.status >= 500) counts.unavailable++;
      else counts.acknowledged++;
      return answer.status < 500 ? answer : undefined;
    } catch (error) {
      if (!(error instanceof ConnectionBroken)) throw error;
      if (error.wasAccepted) counts.brokenOff++;
      else counts.turnedAway++;
      // The server is away: trying again at once would only burn the processor.
      await sleep(50);
      return undefined;
    } finally {
      counts.slowestMs = Math.max(counts.slowestMs, performance.now() - start);
    }
  }

  async function visit(session: ToldSession): Promise<void> {
    const answer = await ask("ValidateAndRefreshSession", { sessionToken: session.token });
    if (answer && answer.status !== 200) counts.refused++;
    const newToken = answer?.body.newSessionToken;
    if (typeof newToken !== "string") return;
    const old = session.token;
    session.token = newToken;
    const used = await ask("ValidateSession", { sessionToken: newToken });
    if (used && used.status !== 200) counts.refused++;
    session.previous = used ? old : undefined;
  }

  async function end(session: ToldSession, byUser: boolean): Promise<void> {
    session.end = "unknown";
    const answer = byUser
      ? await ask("InvalidateSessionByToken", { sessionToken: session.token })
      : await ask("InvalidateSessionById", { sessionId: session.sessionId });
    if (answer?.status === 200) session.end = "acknowledged";
  }

  async function beUser(user: number): Promise<void> {
    for (let login = 0; running; login++) {
      // A user of its own: a limit of sessions must not end one that is to be found alive.
      const created = await ask("CreateSession", { userId: randomUUID() });
      if (typeof created?.body.sessionToken !== "string") continue;
      const session: ToldSession = {
        sessionId: String(created.body.sessionId),
        token: created.body.sessionToken,
        end: "none",
      };
      sessions.push(session);
      for (let count = 0; count < VISITS && running; count++) {
        await sleep(100 + Math.random() * 400);
        await visit(session);
      }
      const turn = (user + login) % 3;
      if (running && turn > 0) await end(session, turn === 1);
    }
  }

  const users = Promise.all(Array.from({ length: USERS }, (_, user) => beUser(user)));
  return {
    sessions,
    counts,
    async grow(by) {
      const rotations = () => sessions.filter(({ previous }) => previous !== undefined).length;
      const ends = () => sessions.filter((session) => session.end === "acknowledged").length;
      const [enoughRotations, enoughEnds] = [rotations() + by, ends() + by];
      while (rotations() < enoughRotations || ends() < enoughEnds) await sleep(50);
    },
    async stop() {
      running = false;
      await users;
      connections.close();
    },
  };
}

export interface Losses {
  /** Sessions, rotations and ends that were acknowledged. */
  logins: number;
  rotations: number;
  ends: number;
  /** Those that have ended. */
  lost: number;
}

/** Asks a sidecar about everything that was acknowledged. */
export async function countLosses(sessions: readonly ToldSession[], sidecar: SidecarClient): Promise<Losses> {
  const losses: Losses = { logins: sessions.length, rotations: 0, ends: 0, lost: 0 };
  for (let start = 0; start < sessions.length; start += 20) {
    await Promise.all(sessions.slice(start, start + 20).map(ask));
  }
  return losses;

  async function ask({ token, previous, end }: ToldSession): Promise<void> {
    if (previous !== undefined) {
      losses.rotations++;
      // Had the first use of the new token been lost, the old one would be current and given its successor.
      const old = await sidecar.command("ValidateAndRefreshSession", { sessionToken: previous });
      if (old.body.newSessionToken !== undefined) losses.lost++;
    }
    if (end === "acknowledged") losses.ends++;
    const { status, body } = await sidecar.command("ValidateSession", { sessionToken: token });
    const ended = status === 401 && (body.details === "LoggedOut" || body.details === "Revoked");
    const asTold = end === "none" ? status === 200 : end === "acknowledged" ? ended : ended || status === 200;
    if (!asTold) losses.lost++;
  }
}
