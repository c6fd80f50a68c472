import { type BrowserClient, CHROME_ON_LINUX, createBrowserClient } from "../../harness/browser-client.ts";
import { createDeviceKey, type DeviceKey } from "../../harness/device-key.ts";
import type { TestSidecar } from "../../harness/test-sidecar.ts";
import { COOKIE } from "../conformance/case.ts";
import { createDeviceBrowser, PUBLIC_URL } from "../conformance/device-browser.ts";
import type { Header } from "./headers.ts";
import { DEVICE_COOKIE, IMPERSONATION_COOKIE, type Loot, STATELESS_COOKIE } from "./inputs.ts";

export interface Stage {
  readonly url: string;
  readonly sidecar: TestSidecar;
}

/** What the owner of a session observes afterwards. */
export type Fate = "unharmed" | "ended" | "changed";

export interface Held {
  readonly cookies: readonly Header[];
  readonly loot: Loot;
  /** Undefined where nobody owns anything. */
  readonly owner?: () => Promise<Fate>;
}

export interface Genuine {
  readonly userId: string;
  readonly token: string;
  /** A proof for `GET /me`, where the session has a device. */
  prove?(): Promise<string>;
}

/** A plain session and one with a device, as their owners use them. */
export async function genuineSessions(stage: Stage): Promise<Genuine[]> {
  const [plain, bound] = await Promise.all([logIn(stage, { userId: "plain" }), deviceOwner(stage, "bound")]);
  const prove = () => newProof(bound.browser, bound.key);
  return [
    { userId: "plain", token: await tokenOf(plain) },
    { userId: "bound", token: await tokenOf(bound.browser), prove },
  ];
}

/** What anybody may have collected: from other users, and from sessions of their own. */
export async function lootOfOthers(stage: Stage): Promise<Loot> {
  const browser = await logIn(stage, {});
  const ended = await tokenOf(browser);
  await browser.fetch("/act/logout", { json: {} });
  const other = await deviceOwner(stage);
  const employee = await impersonation(stage);
  return {
    ...{ ended, ...employee.loot },
    othersDevice: (await other.browser.cookie(DEVICE_COOKIE)) ?? "",
    othersProof: await newProof(other.browser, other.key),
    forgedHandover: Buffer.from(JSON.stringify({ session: { userId: "root", sessionId: "x" } })).toString("base64url"),
  };
}

/** The address that the sidecar compares when an employee acts as a user. */
export const EMPLOYEES_ADDRESS = "192.0.2.7";

/** What an employee holds who acts as a user and reads: their own session, and the rest. */
export async function impersonation(stage: Stage): Promise<{ session: string; loot: Loot }> {
  const browser = await logIn(stage, {}, EMPLOYEES_ADDRESS);
  await browser.fetch("/me");
  const stateless = (await browser.cookie(STATELESS_COOKIE)) ?? "";
  const json = { employeeEmail: "ada@support.example", targetUserId: "customer" };
  const answer = await browser.fetch("/act/impersonate", { json });
  if (answer.status !== 200) throw new Error(`the impersonation is refused: ${answer.text}`);
  const loot = { impersonation: (await browser.cookie(IMPERSONATION_COOKIE)) ?? "", stateless };
  return { session: await tokenOf(browser), loot };
}

/** A user with a session of their own, who looks afterwards what has become of it. */
export async function ownSession(stage: Stage, login: object = {}, ip?: string): Promise<Held> {
  const browser = await logIn(stage, login, ip);
  const stolen = await tokenOf(browser);
  const { tags } = await sessionAt(browser, "/me");
  return {
    cookies: [[COOKIE, stolen]],
    loot: { ...(await lootOfOthers(stage)), stolen },
    owner: async () => fateOf(await browser.fetch("/me"), tags),
  };
}

export async function ownerWithDevice(stage: Stage) {
  const { browser, key } = await deviceOwner(stage);
  const usedProof = await newProof(browser, key);
  const answer = await browser.fetch("/me", { headers: { dpop: usedProof } });
  if (answer.status !== 200) throw new Error(`the owner's own proof is refused: ${answer.text}`);
  const owner = async () => fateOf(await browser.prove("/me"), []);
  return { browser, usedProof, stolen: await tokenOf(browser), owner };
}

async function deviceOwner({ url }: Stage, userId?: string) {
  const key = createDeviceKey();
  const browser = createDeviceBrowser({ browser: () => createBrowserClient(url) }, key);
  const answer = await browser.prove("/login", { json: login({ ...(userId && { userId }) }) });
  if (answer.status !== 200) throw new Error(`the login with a device is refused: ${answer.text}`);
  // The first proof of the session earns the device cookie.
  if ((await browser.prove("/me")).status !== 200) throw new Error("the owner's proof is refused");
  return { browser, key };
}

async function newProof(browser: BrowserClient, key: DeviceKey): Promise<string> {
  const { deviceChallenge } = (await browser.fetch("/session/challenge")).json<{ deviceChallenge: string }>();
  return key.prove({ challenge: deviceChallenge, url: `${PUBLIC_URL}/me`, method: "GET" });
}

export async function logIn({ url }: Stage, more: object, ip?: string): Promise<BrowserClient> {
  const browser = createBrowserClient(url, { userAgent: CHROME_ON_LINUX, ...(ip !== undefined && { ip }) });
  const answer = await browser.fetch("/login", { json: login(more) });
  if (answer.status !== 200) throw new Error(`the login is refused: ${answer.text}`);
  return browser;
}

let users = 0;

function login(more: object): object {
  users++;
  return { userId: `owner-${users}`, metadata: { kept: true }, ...more };
}

export async function tokenOf(browser: Pick<BrowserClient, "cookie">): Promise<string> {
  const token = await browser.cookie(COOKIE);
  if (token === undefined) throw new Error("the browser has no session cookie");
  return token;
}

interface Shown {
  session: { tags: string[]; metadata?: { kept?: boolean } };
}

async function sessionAt(browser: BrowserClient, path: string): Promise<Shown["session"]> {
  return (await browser.fetch(path)).json<Shown>().session;
}

function fateOf(answer: { status: number; json<T>(): T }, tags: readonly string[]): Fate {
  if (answer.status !== 200) return "ended";
  const { session } = answer.json<Shown>();
  return session.metadata?.kept === true && String(session.tags) === String(tags) ? "unharmed" : "changed";
}
