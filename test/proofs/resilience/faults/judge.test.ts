import { expect, it } from "vitest";
import type { Operation } from "./history.ts";
import { judge, type PromiseName } from "./judge.ts";

const login: Operation = { kind: "login", sentAtMs: 0, answeredAtMs: 1, status: 200, token: "a" };
const visit = (sentAtMs: number, more: Partial<Operation> = {}): Operation => ({
  kind: "visit",
  sentAtMs,
  answeredAtMs: sentAtMs + 1,
  status: 200,
  token: "a",
  ...more,
});
const end = (sentAtMs: number, status?: number): Operation => ({ ...visit(sentAtMs, { status }), kind: "end" });
const refusal = (sentAtMs: number) => visit(sentAtMs, { status: 401 });
const rotated = [visit(10, { successor: "b" }), visit(20, { token: "b" })];

const brokenBy = (...operations: Operation[]) =>
  judge([{ userId: "ada", operations: [login, ...operations] }]).map(({ promise }) => promise);

it.each<[what: string, operations: Operation[]]>([
  ["visits, an end, and refusals", [visit(10), end(20, 200), refusal(30), refusal(2000)]],
  ["another replica that serves for less than a second", [end(20, 200), visit(900)]],
  ["requests without an answer", [visit(10, { status: undefined }), visit(20)]],
  ["an end without an answer, whatever came of it", [end(20, undefined), refusal(30), visit(2000)]],
  ["a rotation, and the old token within its grace", [...rotated, visit(30)]],
  ["the same successor for two requests at once", [visit(10, { successor: "b" }), visit(11, { successor: "b" })]],
])("keeps its promises: %s", (_, operations) => {
  expect(brokenBy(...operations)).toEqual([]);
});

it.each<[PromiseName, Operation[]]>([
  ["a session that nobody ended lives", [refusal(10)]],
  ["a session that nobody ended lives", [refusal(10), end(20, 401)]],
  ["an ended session is refused everywhere within a second", [end(20, 200), visit(1100)]],
  ["a token belongs to one user", [visit(10, { userId: "eve" })]],
  ["a token has one successor", [visit(10, { successor: "b" }), visit(11, { successor: "c" })]],
  ["a token that was replaced stays replaced", [...rotated, visit(30, { successor: "b" })]],
  ["an answer is a success, a refusal or 503", [visit(10, { status: 500, details: "500 UnexpectedError" })]],
])("finds a broken promise: %s", (promise, operations) => {
  expect(brokenBy(...operations)).toContain(promise);
});
