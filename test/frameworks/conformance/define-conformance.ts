import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type OpenIdProvider, startOpenIdProvider } from "../../harness/openid-provider.ts";
import { HAS_FAST_PATH, REMEMBERS_SESSIONS } from "../../harness/switches.ts";
import { startTcpProxy, type TcpProxy } from "../../harness/tcp-proxy.ts";
import { startTestSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";
import answers from "./answers.json" with { type: "json" };
import { type Setting, settingOf } from "./carriers-table.ts";
import { createTools } from "./case.ts";
import type { ConformanceHost, RunningHost } from "./host.ts";
import { createRecorder } from "./recorder.ts";
import { SIDECAR_CONFIG, SIDECAR_OPTIONS, SUITES } from "./suites.ts";

/** What the table of the results is made of. */
export interface ConformanceMeta {
  readonly host: string;
  /** How the commands came to the sidecar, and whether that remembered sessions. */
  readonly setting: Setting;
  readonly case: string;
  readonly lines: readonly string[];
  /** Why this host cannot support the case. */
  readonly cannot?: string;
}

declare module "vitest" {
  interface TaskMeta {
    conformance?: ConformanceMeta;
  }
}

/** What every host answers, case by case: written by write-answers.ts. */
const ANSWERS: Readonly<Record<string, readonly string[]>> = answers;

const SETTING = settingOf(HAS_FAST_PATH, REMEMBERS_SESSIONS);

/** A deadline that a busy machine keeps: no case waits for it. */
const PATIENT_MS = 10_000;

/** Runs every case on a framework. A test file is this one call; host.ts says what a host serves. */
export function defineConformance(host: ConformanceHost): void {
  checkNames(host);
  let sidecar: TestSidecar;
  let link: TcpProxy;
  let provider: OpenIdProvider;

  beforeAll(async () => {
    sidecar = await startTestSidecar({ config: SIDECAR_CONFIG, ...SIDECAR_OPTIONS });
    // Its tokens are dated by the sidecar's clock, which the cases move.
    provider = await startOpenIdProvider({ now: async () => (await sidecar.run("Ping", {})).timestamp });
    link = await startTcpProxy(Number(new URL(sidecar.url).port));
  });

  for (const { title: app, options: own, hasProvider, groups } of SUITES) {
    describe(app, () => {
      let running: RunningHost;
      beforeAll(async () => {
        const { integrationKey } = sidecar;
        const sidecarUrl = `http://127.0.0.1:${link.port}`;
        const routes = { ...own.routes, backchannelLogout: provider.settings };
        const options = hasProvider ? { ...own, routes } : own;
        running = await host.start({ sidecarUrl, integrationKey, options: { timeoutMs: PATIENT_MS, ...options } });
      });
      afterAll(() => running?.stop());

      for (const { title, cases } of groups) {
        describe(title, () => {
          for (const [name, run] of Object.entries(cases)) {
            test(name, async ({ task }) => {
              const recorder = createRecorder();
              const cannot = host.cannot?.[name];
              task.meta.conformance = {
                host: host.name,
                setting: SETTING,
                case: name,
                lines: recorder.lines,
                ...(cannot !== undefined && { cannot }),
              };
              const tools = createTools({ host, url: running.url, sidecar, link, provider }, recorder);
              if (cannot !== undefined) return mustFail(() => run(tools), cannot);
              await run(tools);
              expect(ANSWERS, "write-answers.ts writes the answers of a new case").toHaveProperty([name]);
              expect(recorder.lines).toEqual(ANSWERS[name]);
            });
          }
        });
      }
    });
  }

  test(`the sidecar was asked by ${SETTING}`, async () => {
    const metrics = await sidecar.metrics();
    const counted = (name: string) => (metrics.get(name) ?? 0) > 0;
    expect({
      hasFastPath: counted("byo_fast_path_commands_total"),
      remembers: counted('byo_session_cache_total{answer="hit"}'),
    }).toEqual({ hasFastPath: HAS_FAST_PATH, remembers: REMEMBERS_SESSIONS });
  });
}

/** A limitation that no longer exists is as wrong in the table as a broken rule. */
async function mustFail(run: () => Promise<void>, why: string): Promise<void> {
  const failed = await run().then(
    () => false,
    () => true,
  );
  expect(failed, `the host meets the case now: remove it from "cannot" (${why})`).toBe(true);
}

function checkNames({ cannot = {} }: ConformanceHost): void {
  const names = SUITES.flatMap(({ groups }) => groups.flatMap(({ cases }) => Object.keys(cases)));
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  if (twice.length > 0) throw new Error(`several cases are named: ${twice.join(", ")}`);
  const unknown = Object.keys(cannot).filter((name) => !names.includes(name));
  if (unknown.length > 0) throw new Error(`"cannot" names no case: ${unknown.join(", ")}`);
}
