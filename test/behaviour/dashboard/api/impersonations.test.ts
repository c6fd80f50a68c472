import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { sentenceOf } from "../../../../sidecar/src/dashboard/sentences/sentence.ts";
import {
  CLIENT,
  configure,
  impersonate,
  JOE,
  JOE_MAY,
  OVER,
  validate,
} from "../../sidecar/impersonation/impersonate.ts";
import { logIn } from "../../sidecar/login.ts";
import { type DashboardClient, endMatching, startDashboard, type TestDashboard } from "./dashboard-client.ts";

const EXAMPLE_COM = { enabled: true, who_can_impersonate: { allowed_employee_domains: ["example.com"] } };
const ANN = "ann@example.com";

let dashboard: TestDashboard;
let owner: DashboardClient;

beforeAll(async () => {
  dashboard = await startDashboard();
  owner = dashboard.owner;
  await configure(dashboard.sidecar, EXAMPLE_COM);
});

describe("the list", () => {
  it("says who, whom, since and until when, and from where", async () => {
    const made = await impersonate(dashboard.sidecar, { metadata: { ticket: 7 } });
    expect(await owner.get("impersonations/list", { userId: made.targetUserId })).toEqual({
      items: [
        {
          ...{ impersonationId: made.sessionId, employeeEmail: JOE, userId: made.targetUserId },
          ...{ createdAt: made.expiresAt - 3600, expiresAt: made.expiresAt, endedAt: null, endReason: null },
          ...{ ipAddress: CLIENT.ipAddress, device: expect.any(Object), metadata: { ticket: 7 }, isRefused: false },
        },
      ],
      ...{ next: null, isEnabled: true },
    });
  });

  it("marks what the configuration refuses", async () => {
    const { targetUserId: userId } = await impersonate(dashboard.sidecar, { employeeEmail: ANN });
    for (const [config, isEnabled] of [
      [JOE_MAY, true],
      [{ ...EXAMPLE_COM, enabled: false }, false],
    ] as const) {
      await configure(dashboard.sidecar, config);
      const page = await owner.get("impersonations/list", { userId });
      expect(page).toMatchObject({ items: [{ isRefused: true }], isEnabled });
    }
    await configure(dashboard.sidecar, EXAMPLE_COM);
  });

  it("has pages, with ended ones or without, of one employee or of all", async () => {
    const employeeEmail = `${randomUUID()}@example.com`;
    const made: string[] = [];
    for (let count = 0; count < 51; count++) {
      made.unshift((await impersonate(dashboard.sidecar, { employeeEmail })).sessionId);
    }
    const first = await owner.get("impersonations/list", { employeeEmail: employeeEmail.toUpperCase() });
    const rest = await owner.get("impersonations/list", { employeeEmail, cursor: first.next ?? "" });
    expect([...first.items, ...rest.items].map(({ impersonationId }) => impersonationId)).toEqual(made);
    expect([first.items.length, rest.next]).toEqual([50, null]);
    await owner.get("impersonations/end-one", { impersonationId: made[0] ?? "" });
    const active = await owner.get("impersonations/list", { employeeEmail, active: true });
    expect(active).toMatchObject({ items: { length: 50 }, next: null });
    for (const wrong of [{ cursor: "x" }, { employeeEmail: "joe" }, { employeeEmail: "Joe <joe@example.com>" }]) {
      expect((await owner.call("impersonations/list", wrong)).status).toBe(400);
    }
  });
});

describe("ending impersonations", () => {
  it("ends one, once, and the user's timeline says by whom", async () => {
    const { sessionId: impersonationId, token, targetUserId: userId } = await impersonate(dashboard.sidecar);
    await owner.get("impersonations/end-one", { impersonationId });
    expect(await validate(dashboard.sidecar, token)).toEqual(OVER);
    expect((await owner.call("impersonations/end-one", { impersonationId })).status).toBe(404);
    const { items } = await owner.get("sessions/timeline", { userId });
    expect(items.map(sentenceOf)).toEqual([
      `${JOE} was not allowed to act as this user from 192.0.2.1: the impersonation had ended.`,
      `${JOE} no longer acts as this user: it was ended by owner.`,
      `${JOE} began to act as this user from 192.0.2.1.`,
    ]);
    expect(items[1]).toMatchObject({
      ipAddress: null,
      details: { employeeEmail: JOE, by: { ipAddress: "127.0.0.1" } },
    });
  });

  it("ends all of an employee, whose address is typed again, with one entry in the log", async () => {
    const employeeEmail = `${randomUUID()}@example.com`;
    const [one, two] = [
      await impersonate(dashboard.sidecar, { employeeEmail }),
      await impersonate(dashboard.sidecar, { employeeEmail }),
    ];
    const other = await impersonate(dashboard.sidecar);
    const wrong = await owner.call("impersonations/end-all", { employeeEmail, confirmation: JOE });
    expect(wrong.status).toBe(400);
    expect(await owner.get("impersonations/end-all", { employeeEmail, confirmation: employeeEmail })).toEqual({
      ended: 2,
    });
    expect(await validate(dashboard.sidecar, one.token)).toEqual(OVER);
    expect(await validate(dashboard.sidecar, two.token)).toEqual(OVER);
    expect((await validate(dashboard.sidecar, other.token)).status).toBe(200);
    const [newest, before] = (await owner.get("log/list", {})).items;
    expect(newest && sentenceOf(newest)).toBe(`2 impersonations by employee ${employeeEmail} were ended by owner.`);
    expect(before?.details).not.toHaveProperty("bulk");
  });

  it("ends them with all sessions of a user, not with all of a tag", async () => {
    const { userId } = await logIn(dashboard.sidecar, { tags: ["org:imp"] });
    const { token } = await impersonate(dashboard.sidecar, { targetUserId: userId });
    await endMatching(owner, { tag: ["org:imp"] });
    expect((await validate(dashboard.sidecar, token)).status).toBe(200);
    await endMatching(owner, { userId });
    expect(await validate(dashboard.sidecar, token)).toEqual(OVER);
  });
});
