import { afterEach, expect, it } from "vitest";
import { createPolicyWork, type PolicyWork } from "../../src/dashboard/policies/work.ts";

let work: PolicyWork;
afterEach(() => work.close());

const LONG = `{"tags":[${Array.from({ length: 4000 }, (_, at) => `{"tag":"org:${at}"}`).join(",")}]}`;

it("does tasks in turn, and distinguishes a refusal from a failure", async () => {
  work = createPolicyWork();
  const answers = await Promise.all([
    work.run("check", { text: "{}" }),
    work.run("check", { text: "{" }),
    work.run("read", { text: '{"defaults":{"rotation_grace_secs":5}}' }),
    work.run("read", { text: "no policy" }).catch((error: unknown) => error),
  ]);
  expect(answers).toMatchObject([
    { isValid: true },
    { isValid: false, problems: [{ line: 1 }] },
    expect.stringContaining('"rotation_grace_secs":5'),
    { error: { type: "PolicyRefused", problems: [{ line: 1 }] } },
  ]);
});

it("ends a task that takes too long, and does the next one", async () => {
  work = createPolicyWork({ maxMs: 1 });
  await expect(work.run("check", { text: LONG })).rejects.toMatchObject({ error: { type: "OverBudget" } });
  await work.close();
  work = createPolicyWork();
  expect(await work.run("check", { text: LONG })).toMatchObject({ isValid: true });
});

it("lets a number of tasks wait, and refuses later ones", async () => {
  work = createPolicyWork();
  const all = await Promise.allSettled(Array.from({ length: 60 }, () => work.run("check", { text: "{}" })));
  const refused = all.filter(({ status }) => status === "rejected");
  expect(refused).toHaveLength(9);
  expect(refused[0]).toMatchObject({ reason: { error: { type: "Busy" } } });
});
