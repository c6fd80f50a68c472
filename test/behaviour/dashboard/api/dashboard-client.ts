import { randomBytes } from "node:crypto";
import { request } from "undici";
import { type AnswerOf, CALLS, type CallName, type InputOf } from "../../../../sidecar/src/dashboard/calls.ts";
import { callUrl } from "../../../../sidecar/src/dashboard/contract/addresses.ts";
import type { Role } from "../../../../sidecar/src/dashboard/contract/roles.ts";
import type { TestSidecarOptions } from "../../../harness/sidecar-environment.ts";
import { startTestSidecar, type TestSidecar } from "../../../harness/test-sidecar.ts";

export interface Answer<T = Record<string, unknown>> {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: T;
  text: string;
}

/** One browser at the dashboard. */
export interface DashboardClient {
  /** Sends a call as it is, and gives whatever is answered. Its cookies are kept. */
  call(name: CallName, input?: object, headers?: Record<string, string | undefined>): Promise<Answer>;
  /** Sends a call that must succeed. */
  get<C extends CallName>(name: C, input: InputOf<C>): Promise<AnswerOf<C>>;
  logIn(username: string, password: string): Promise<Answer>;
  /** Types the password once more. */
  confirm(password?: string): Promise<void>;
  cookie: string | undefined;
  username: string;
  password: string;
}

export function createDashboardClient(url: string): DashboardClient {
  const client: DashboardClient = {
    cookie: undefined,
    username: "",
    password: "",
    async call(name, input = {}, headers = {}) {
      const { method } = CALLS[name];
      const isGet = method === "GET";
      const all = {
        "sec-fetch-site": "same-origin",
        ...(isGet ? {} : { "content-type": "application/json" }),
        ...(client.cookie === undefined ? {} : { cookie: client.cookie }),
        ...headers,
      };
      const set = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
      const answer = await request(`${url}${callUrl(name, isGet ? input : {})}`, {
        method,
        headers: set,
        ...(isGet ? {} : { body: JSON.stringify(input) }),
      });
      const line = answer.headers["set-cookie"];
      const given = (Array.isArray(line) ? line[0] : line)?.split(";")[0];
      if (given !== undefined) client.cookie = given.endsWith("=") ? undefined : given;
      const text = await answer.body.text();
      const isJson = String(answer.headers["content-type"]).startsWith("application/json");
      return { status: answer.statusCode, headers: answer.headers, text, body: isJson ? JSON.parse(text) : {} };
    },
    async get<C extends CallName>(name: C, input: InputOf<C>) {
      const { status, text, body } = await client.call(name, { ...input });
      if (status !== 200) throw new Error(`${name} answered ${status}: ${text}`);
      const answer: unknown = body;
      return answer as AnswerOf<C>;
    },
    async logIn(username, password) {
      Object.assign(client, { username, password });
      return client.call("access/login", { username, password });
    },
    async confirm(password = client.password) {
      await client.get("access/confirm-password", { password });
    },
  };
  return client;
}

/** Ends all active sessions that match, as a person does who has read their number. */
export async function endMatching(
  client: DashboardClient,
  filter: InputOf<"sessions/count">,
  note?: string,
): Promise<AnswerOf<"sessions/end-many">> {
  const target = { filter };
  const confirmed = await client.get("sessions/end-count", { target });
  return client.get("sessions/end-many", { target, confirmed, ...(note !== undefined && { note }) });
}

export interface TestDashboard {
  sidecar: TestSidecar;
  /** A super admin who has chosen a password. */
  owner: DashboardClient;
  newClient(): DashboardClient;
  /** Makes a person of that role, who has logged in and chosen a password. */
  person(role: Role): Promise<DashboardClient>;
}

export const OWNER = "owner";
export const TEMPORARY = "thispasswordistemporary";

export function newPassword(): string {
  return `a fine password ${randomBytes(6).toString("hex")}`;
}

/** Starts a sidecar with a dashboard whose owner has been there. */
export async function startDashboard(options: TestSidecarOptions = {}): Promise<TestDashboard> {
  const env = { INITIAL_OWNER_USERNAME: OWNER, ...options.env };
  const sidecar = await startTestSidecar({ ...options, env });
  return onSidecar(sidecar, options.env?.INITIAL_OWNER_PASSWORD);
}

/** The same for a sidecar that runs already. `temporary`: the owner's first password. */
export async function onSidecar(sidecar: TestSidecar, temporary = TEMPORARY): Promise<TestDashboard> {
  const newClient = () => createDashboardClient(sidecar.dashboardUrl);
  const owner = newClient();
  await settle(owner, OWNER, temporary);
  return {
    sidecar,
    owner,
    newClient,
    async person(role) {
      // Again each time, because a test may have moved the clock far ahead.
      await owner.logIn(owner.username, owner.password);
      const username = `${role.toLowerCase()}-${randomBytes(4).toString("hex")}`;
      const made = await owner.get("settings/create-user", { username, role });
      const client = newClient();
      await settle(client, username, made.password);
      return client;
    },
  };
}

async function settle(client: DashboardClient, username: string, temporary: string): Promise<void> {
  const first = await client.logIn(username, temporary);
  if (first.status !== 200) throw new Error(`the first login answered ${first.status}: ${first.text}`);
  const password = newPassword();
  await client.get("access/change-password", { currentPassword: temporary, newPassword: password });
  client.password = password;
}
