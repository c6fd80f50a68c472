import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { logIn, refresh, rotatedOnce } from "../../../behaviour/sidecar/login.ts";
import type { SpawnedSidecar } from "../../../harness/spawned-sidecar.ts";
import type { TcpProxy } from "../../../harness/tcp-proxy.ts";

export interface Faulty {
  sidecar: SpawnedSidecar;
  /** Between the sidecar and its database. */
  proxy: TcpProxy;
  writeConfig(content: object | string): Promise<void>;
}

export interface Fault {
  name: string;
  /** The alerts that it must fire. */
  alerts: string[];
  /** Causes it once, or over and over until the signal. */
  cause(faulty: Faulty, signal: AbortSignal): Promise<unknown>;
  end?(faulty: Faulty): Promise<unknown>;
  /** It does not end. */
  isFinal?: true;
}

/** Repeats something until the signal, whether or not it succeeds. */
async function until(signal: AbortSignal, everyMs: number, work: () => Promise<unknown>): Promise<void> {
  while (!signal.aborted) await Promise.all([work().catch(() => {}), sleep(everyMs)]);
}

/** More commands than may be in progress, at once and by few connections. */
function flood({ url, integrationKey }: SpawnedSidecar): void {
  for (let i = 0; i < 30; i++) {
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    socket.on("error", () => {});
    socket.resume();
    const requests = Array.from({ length: 90 }, (_, n) => {
      const body = JSON.stringify({ command: "CreateSession", data: { userId: `${i}-${n}-${Date.now()}` } });
      const head = `POST /run-command HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${integrationKey}`;
      return `${head}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    });
    socket.write(requests.join(""));
    setTimeout(() => socket.destroy(), 6000).unref();
  }
}

export const FAULTS: Fault[] = [
  {
    name: "a configuration file that is broken while it runs",
    alerts: ["ByoSettingsStale"],
    cause: ({ writeConfig }) => writeConfig("{ broken"),
    end: ({ writeConfig }) => writeConfig({}),
  },
  {
    name: "an application with a wrong key",
    alerts: ["ByoKeyRefused"],
    cause: ({ sidecar }, signal) =>
      until(signal, 100, () => sidecar.command("Ping", {}, { authorization: "Bearer api_wrong" })),
  },
  {
    name: "25 stolen tokens, used after their owners' next",
    alerts: ["ByoTokenReuse"],
    async cause({ sidecar }) {
      const stolen: string[] = [];
      for (let i = 0; i < 25; i++) stolen.push((await rotatedOnce(sidecar)).first);
      await sidecar.advance(3600);
      for (const token of stolen) await refresh(sidecar, token).catch(() => {});
    },
  },
  {
    name: "a table that is gone",
    alerts: ["ByoInternalErrors"],
    async cause({ sidecar }) {
      await sidecar.sql("ALTER TABLE byo.audit_events RENAME TO gone");
      await sidecar.command("CreateSession", { userId: "ada" });
    },
    end: ({ sidecar }) => sidecar.sql("ALTER TABLE byo.gone RENAME TO audit_events"),
  },
  {
    name: "a process that gets too little CPU",
    alerts: ["ByoEventLoopBlocked"],
    cause: ({ sidecar }, signal) =>
      until(signal, 700, async () => {
        process.kill(sidecar.pid, "SIGSTOP");
        await sleep(450);
        process.kill(sidecar.pid, "SIGCONT");
      }),
    end: () => sleep(1000),
  },
  {
    name: "2,700 logins at once, on a frozen database",
    alerts: ["ByoBusy"],
    cause: ({ sidecar, proxy }, signal) =>
      until(signal, 5000, async () => {
        // The key has just been read, so that each of them gets as far as its command.
        await sidecar.command("Ping", {});
        proxy.freeze();
        flood(sidecar);
        await sleep(1500);
        proxy.thaw();
      }),
    end: async ({ proxy }) => proxy.thaw(),
  },
  {
    name: "a table that someone locks for 25 seconds",
    alerts: ["ByoPoolExhausted", "ByoSlow"],
    async cause({ sidecar }, signal) {
      const logins = await Promise.all(Array.from({ length: 30 }, () => logIn(sidecar)));
      const locking = sidecar.sql("DO $$ BEGIN LOCK TABLE byo.sessions; PERFORM pg_sleep(25); END $$");
      await until(signal, 500, async () => {
        for (const { sessionId } of logins)
          sidecar.command("UpdateSession", { sessionId, newMetadata: Date.now() }).catch(() => {});
      });
      await locking;
    },
    end: () => sleep(5000),
  },
  {
    name: "a database that is gone",
    alerts: [
      "ByoDatabaseDown",
      "ByoUnavailable",
      "ByoNotificationsOld",
      "ByoJobFailing",
      "ByoWritesDelayed",
      "ByoCollectionOld",
    ],
    async cause({ sidecar, proxy }, signal) {
      const { token } = await logIn(sidecar);
      await sidecar.command("ValidateSession", { sessionToken: token, requiredTags: ["no:such"] });
      await proxy.cut();
      await until(signal, 50, () => sidecar.command("ValidateSession", { sessionToken: token }));
    },
    end: ({ proxy }) => proxy.restore(),
  },
  {
    name: "a killed sidecar",
    alerts: ["ByoSidecarDown", "ByoNoSidecar"],
    cause: ({ sidecar }) => sidecar.kill("SIGKILL"),
    isFinal: true,
  },
];
