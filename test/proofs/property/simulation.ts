import type { Backups } from "./backups.ts";
import { createBrowser } from "./browser.ts";
import { type Client, generationOf, type History, type Moment, type Presentation } from "./history.ts";
import type { Interleaving } from "./interleaving.ts";
import type { Command, Port, Sent } from "./port.ts";
import { type RequestContext, UNAVAILABLE } from "./replica.ts";
import { type BreakAt, RULES, type Scenario, type Step } from "./scenario.ts";
import type { VirtualClock } from "./virtual-clock.ts";

export interface Stage {
  port: Port;
  interleaving: Interleaving;
  clock: VirtualClock;
  backups: Backups;
}

/** What the clients did, for the table. */
export interface Tally {
  requests: number;
  overlapping: number;
  lostAnswers: number;
  lateAnswers: number;
  brokenConnections: number;
  crashes: number;
  /** How often the database was put back. */
  restores: number;
  /** Requests whose outcome is unknown though nothing was broken on purpose. */
  unavailable: number;
}

export const NO_TALLY: Readonly<Tally> = {
  requests: 0,
  overlapping: 0,
  lostAnswers: 0,
  lateAnswers: 0,
  brokenConnections: 0,
  crashes: 0,
  restores: 0,
  unavailable: 0,
};

interface AnswerBody {
  type?: string;
  /** Text, where it says why a token was refused. */
  details?: unknown;
  newSessionToken?: string;
}

type Sender = Pick<RequestContext, "ipAddress" | "gen">;

const DEVICE_KEY = "the-key-of-the-owner";
const OWNER: Client = { ipAddress: "192.0.2.10", userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0" };
const THIEF: Client = { ...OWNER, ipAddress: "198.51.100.66" };

let users = 0;

/** Plays a scenario with a session of its own, and gives its history. */
export async function play(scenario: Scenario, { port, interleaving, clock, backups }: Stage) {
  const tally: Tally = { ...NO_TALLY };
  let order = 0;
  const now = (): Moment => ({ order: ++order, atSecs: clock.nowSecs() });
  const owner = scenario.passesClient ? OWNER : {};
  const thief = scenario.passesClient ? THIEF : {};

  const proof = scenario.bound ? { signedDeviceChallenge: DEVICE_KEY } : undefined;
  const login = { userId: `user-${++users}`, ...owner, ...(proof && { deviceRegistration: proof }) };
  const created = await port.send(0, { command: "CreateSession", data: login });
  if (created.status !== 200) throw new Error(`the login was refused: ${created.body}`);
  const { sessionId, sessionToken }: { sessionId: string; sessionToken: string } = JSON.parse(created.body);
  const history: History = {
    session: {
      id: sessionId,
      bound: scenario.bound,
      firstToken: sessionToken,
      createdAtSecs: clock.nowSecs(),
      rules: RULES,
    },
    presentations: [],
    endings: [],
    losses: [],
  };
  let backup = await backups.take(sessionId, clock.nowSecs());

  const browser = createBrowser(sessionToken, tally);
  const stolen: string[] = [];
  const underWay = new Set<Promise<void>>();
  let picksUsed = 0;

  const { cookie, formerCookie, lose } = browser;
  const deliver = (which: number) => browser.deliver(which, history.presentations.at(-1)?.sent.order ?? 0);
  const nextPick = () => scenario.picks[picksUsed++ % scenario.picks.length] ?? 0;

  async function giveTurn(pick: number): Promise<boolean> {
    await port.quiet();
    const hasStepped = await interleaving.step(pick);
    await port.quiet();
    return hasStepped;
  }

  async function settle(): Promise<void> {
    while (underWay.size > 0) {
      const hasStepped = await giveTurn(nextPick());
      // Meanwhile all may be done: a request that is answered from memory takes no step.
      if (!hasStepped && underWay.size > 0) await Promise.race(underWay);
    }
  }

  /** Sends a request that waits for its turns; `settle` or `run` give them. */
  function send(
    index: number,
    command: Command,
    receive: (answer: Sent) => void,
    sender: Sender,
    breakAt?: BreakAt,
  ): void {
    tally.requests++;
    if (underWay.size > 0) tally.overlapping++;
    if (breakAt) tally.brokenConnections++;
    const label = `#${tally.requests}@${"AB"[index % 2]}`;
    const context = { label, ...sender, ...(breakAt && { breakAt: { ...breakAt } }) };
    const done = port
      .send(index, command, context)
      .then(receive)
      .finally(() => underWay.delete(done));
    underWay.add(done);
  }

  function present(by: Presentation["by"], refresh: boolean, token: string, index: number, breakAt?: BreakAt): void {
    const client = by === "owner" ? owner : thief;
    const command = refresh ? "ValidateAndRefreshSession" : "ValidateSession";
    const broken = breakAt !== undefined;
    const proves = proof !== undefined && by === "owner";
    const made: Presentation = { by, command, token, proves, client, broken, sent: now() };
    history.presentations.push(made);
    const data = { sessionToken: token, ...client, ...(proves && { deviceVerification: proof }) };
    const receive = ({ status, body }: Sent) => {
      const { type, details, newSessionToken }: AnswerBody = JSON.parse(body);
      const [word, more] = status === 401 ? String(details ?? type).split(": ") : [];
      if (details === UNAVAILABLE && !made.broken) {
        // A machine under load: all that is known is that the outcome is not. How many there may be is for the test.
        made.broken = true;
        tally.unavailable++;
      }
      made.answered = now();
      made.answer = { status, word, more, newSessionToken };
      if (newSessionToken === undefined) return;
      if (by === "owner") browser.expect(newSessionToken, order);
      else stolen.push(newSessionToken);
    };
    send(index, { command, data }, receive, { ...client, gen: generationOf(token) }, breakAt);
  }

  function end(kind: "logout" | "revoke", index: number, token: string): void {
    const ending: History["endings"][number] = { kind, sent: now(), broken: false };
    history.endings.push(ending);
    const command: Command =
      kind === "logout"
        ? { command: "InvalidateSessionByToken", data: { sessionToken: token } }
        : { command: "InvalidateSessionById", data: { sessionId } };
    const receive = ({ status }: Sent) => {
      ending.answered = now();
      ending.status = status;
    };
    send(index, command, receive, {});
  }

  async function wait(secs: number): Promise<void> {
    if (scenario.honest) {
      // A real request is over long before the grace is, and its answer does not come an hour later.
      await settle();
      while (browser.awaits() && secs >= RULES.graceSecs) lose(0);
    }
    await port.quiet();
    await clock.advance(secs);
  }

  /** A genuine token with another secret. */
  function forged(): string {
    const token = cookie();
    return token.slice(0, -4) + (token.endsWith("AAAA") ? "BBBB" : "AAAA");
  }

  async function take(step: Step): Promise<void> {
    if (step.do === "send") {
      const token = step.by === "owner" ? cookie() : step.by === "forger" ? forged() : stolen.at(-1);
      // Only one request of a bunch loses its connection, so that others meet what it left behind.
      for (const [at, index] of step.replicas.entries()) {
        if (token) present(step.by, step.refresh, token, index, at === 0 ? step.breakAt : undefined);
      }
    } else if (step.do === "run") for (const pick of step.picks) await giveTurn(pick);
    else if (step.do === "settle") await settle();
    else if (step.do === "deliver") deliver(step.which);
    else if (step.do === "lose") lose(step.which);
    else if (step.do === "wait") await wait(step.secs);
    else if (step.do === "crash") browser.crash(step.back);
    else if (step.do === "steal") stolen.push(cookie());
    else if (step.do === "dig out") digOut(step.which, step.refresh, step.replica);
    else if (step.do === "back up") backup = await backups.take(sessionId, clock.nowSecs());
    else if (step.do === "restore") await restore(step.recovers);
    else if (step.do === "relapse") await relapse(step);
    else if (step.do === "logout") end("logout", step.replica, formerCookie(step.which));
    else if (step.do === "revoke") end("revoke", step.replica, cookie());
    else if (step.do === "visit") await visit(step.replicas, step.answer);
    else if (step.do === "cross") await cross(step.by, step.secs, step.refresh, step.replicas);
  }

  function digOut(which: number, refresh: boolean, index: number): void {
    const token = stolen.at(-1 - (which % 4));
    if (token) present("thief", refresh, token, index);
  }

  async function restore(recovers: boolean): Promise<void> {
    await settle();
    await port.quiet();
    const isCertain = history.presentations.every(({ broken }) => !broken);
    const gen = await backups.restore(backup, recovers);
    if (gen === undefined) return;
    tally.restores++;
    history.losses.push({ ...now(), gen, recovered: recovers && isCertain });
    backup = await backups.take(sessionId, clock.nowSecs());
  }

  async function relapse(step: Extract<Step, { do: "relapse" }>): Promise<void> {
    await settle();
    backup = await backups.take(sessionId, clock.nowSecs());
    for (let rotation = 0; rotation < step.rotations; rotation++) {
      if (step.by === "thief") stolen.push(cookie());
      await visit([rotation], "arrives");
      present("owner", false, cookie(), rotation + 1);
      await settle();
    }
    await restore(step.recovers);
    if (step.by === "thief") digOut(step.which, true, 0);
    await settle();
    await clock.advance(step.secs);
    present("owner", true, cookie(), 1);
    await settle();
  }

  async function visit(onReplicas: number[], answer: "arrives" | "lost" | "on its way"): Promise<void> {
    await settle();
    await wait(RULES.intervalSecs + RULES.graceSecs + 1);
    for (const index of onReplicas) present("owner", true, cookie(), index);
    await settle();
    while (answer === "lost" && browser.awaits()) lose(0);
    while (answer === "arrives" && browser.awaits()) deliver(0);
  }

  async function cross(by: "owner" | "thief", secs: number, refresh: boolean, onReplicas: number[]): Promise<void> {
    await settle();
    await wait(RULES.intervalSecs + RULES.graceSecs + 1);
    const old = cookie();
    present("owner", true, old, onReplicas[0] ?? 0);
    await settle();
    while (browser.awaits()) deliver(0);
    present("owner", refresh, cookie(), onReplicas[0] ?? 0);
    await settle();
    await clock.advance(secs);
    for (const index of onReplicas) present(by, refresh, old, index);
    await settle();
  }

  async function presentAll(tokens: readonly string[]): Promise<void> {
    for (const token of tokens) for (const index of [0, 1]) present("owner", false, token, index);
    await settle();
  }

  for (const step of scenario.steps) await take(step);
  await settle();
  await presentAll([cookie()]);
  const given = [sessionToken, ...history.presentations.flatMap(({ answer }) => answer?.newSessionToken ?? [])];
  const chain = [...new Set(given)].sort((a, b) => generationOf(a) - generationOf(b));
  if (scenario.epilogue === "logout") end("logout", nextPick(), chain[nextPick() % chain.length] ?? sessionToken);
  if (scenario.epilogue === "replay") await clock.advance(RULES.graceSecs + 1);
  await settle();
  if (scenario.epilogue !== "none") {
    await presentAll(chain);
    await presentAll([cookie()]);
  }
  return { history, tally };
}
