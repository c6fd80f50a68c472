import { setTimeout as sleep } from "node:timers/promises";
import { logIn, logOutEverywhere, type OpenSocket, openSockets, type Stage } from "./sockets.ts";

const CUT = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE application_name = 'byo-session listener' AND datname = current_database()`;

/** Makes something go wrong; the returned function repairs it. */
type Trouble = (stage: Stage) => Promise<() => Promise<void>>;

const nothing = async () => {};

export const TROUBLES: Readonly<Record<string, Trouble>> = {
  async "nothing is wrong"() {
    return nothing;
  },
  async "just after both replicas have lost the database's notifications"({ replicas }) {
    await replicas[0].sql(CUT);
    return () => sleep(1500);
  },
  async "just after the replica of the app was frozen (SIGSTOP)"({ replicas, failover }) {
    const [frozen, other] = replicas;
    process.kill(frozen.pid, "SIGSTOP");
    failover.leadTo(other.url);
    return async () => {
      process.kill(frozen.pid, "SIGCONT");
      failover.leadTo(frozen.url);
    };
  },
  async "just after the replica of the app was killed (SIGKILL)"(stage) {
    const [killed, other] = stage.replicas;
    await killed.kill("SIGKILL");
    stage.failover.leadTo(other.url);
    return nothing;
  },
};

export interface Troubled {
  readonly afterMs: readonly number[];
  /** Of a user who did not log out. */
  readonly others: readonly OpenSocket[];
}

/** The app of the first replica has the sockets; the second ends the sessions, so long after the trouble began. */
export async function inTrouble(stage: Stage, trouble: Trouble, sockets: number, delayMs: number): Promise<Troubled> {
  const { replicas, apps } = stage;
  const [ada, ben] = [await logIn(replicas[1], 5), await logIn(replicas[1], 5)];
  const all = await openSockets([ada, ben], sockets, [apps[0]]);
  const repair = await trouble(stage);
  await sleep(delayMs);
  const afterMs = await logOutEverywhere(ada.userId, replicas[1], all);
  await repair();
  return { afterMs, others: all.filter(({ userId }) => userId === ben.userId) };
}
