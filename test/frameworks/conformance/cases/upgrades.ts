import { once } from "node:events";
import type { Socket } from "node:net";
import { setTimeout } from "node:timers/promises";
import { expect, onTestFinished } from "vitest";
import { askForSocket } from "../../../harness/ask-for-socket.ts";
import { type CaseGroup, type CaseTools, COOKIE, tokenOf } from "../case.ts";
import { logInWithDevice } from "../device-browser.ts";

const PATIENCE_MS = 5000;

interface Opened {
  /** The head, or the whole answer where the socket was refused. */
  answer: string;
  /** Sends something, and gives the line that the app answers. */
  say(): Promise<unknown>;
  /** The first line that the app sent. */
  first: unknown;
}

/** Opens a socket as a page would, and reads what comes until it is refused or opened. */
async function open({ url }: CaseTools, headers: Record<string, string>, query = ""): Promise<Opened> {
  const socket = askForSocket(url, `/socket${query}`, headers).setTimeout(PATIENCE_MS, () => socket.destroy());
  onTestFinished(() => void socket.destroy());
  const read = readerOf(socket);
  const answer = await read((text) => (text.startsWith("HTTP/1.1 101") ? text.indexOf("\r\n\r\n") + 4 : 0));
  const line = async () => JSON.parse(await read((text) => text.indexOf("\n") + 1));
  if (!answer.startsWith("HTTP/1.1 101")) return { answer, first: undefined, say: async () => undefined };
  return {
    answer,
    first: await line(),
    say() {
      socket.write("x");
      return line();
    },
  };
}

/** Gives what has come up to where `end` says; 0: not yet. At the end of the socket, all that is left. */
function readerOf(socket: Socket) {
  let come = "";
  let closed = false;
  socket.on("data", (chunk) => {
    come += chunk;
  });
  socket.on("error", () => {});
  socket.on("close", () => {
    closed = true;
  });
  return async (end: (text: string) => number): Promise<string> => {
    while (end(come) <= 0 && !closed) await Promise.race([once(socket, "data"), once(socket, "close")]);
    const length = end(come) > 0 ? end(come) : come.length;
    const part = come.slice(0, length);
    come = come.slice(length);
    return part;
  };
}

/** A handshake whose peer does not wait for its end. */
function reset({ url }: CaseTools, headers: Record<string, string>): Socket {
  const socket = askForSocket(url, "/socket", headers);
  socket.on("error", () => {});
  onTestFinished(() => void socket.destroy());
  return socket;
}

async function cookieOf(browser: { cookie(name: string): Promise<string | undefined> }): Promise<string> {
  return `${COOKIE}=${await browser.cookie(COOKIE)}`;
}

export const upgrades: CaseGroup = {
  title: "WebSockets",
  cases: {
    async "an upgrade gives the session, its end, and a way to ask again later"(tools) {
      const client = await tools.loggedIn({ userId: "ada" });
      const opened = await open(tools, { cookie: await cookieOf(client), origin: "https://app.example" });
      expect(opened.answer).toMatch(/^HTTP\/1.1 101 /);
      const { session, expiresAt } = opened.first as {
        session: { sessionId: string; expiresAt: number };
        expiresAt: number;
      };
      expect(session).toMatchObject({ userId: "ada", expiresAt });
      const { sessionId } = session;
      await tools.sidecar.run("UpdateSession", { sessionId, tagsToAdd: ["plan:pro"] });
      expect(await opened.say()).toMatchObject({ ok: true, session: { userId: "ada", tags: ["plan:pro"] } });
      await tools.sidecar.run("InvalidateSessionById", { sessionId });
      expect(await opened.say()).toEqual({ ok: false, reason: "NotFound" });
    },

    async "an upgrade never rotates: its answer is no place for a cookie"(tools) {
      const cookie = await cookieOf(await tools.loggedIn());
      await tools.sidecar.advance(3700);
      expect((await open(tools, { cookie })).answer).not.toMatch(/set-cookie/i);
      const [row] = await tools.sidecar.sql<{ pending: boolean }>(
        "SELECT next_hash IS NOT NULL AS pending FROM byo.sessions ORDER BY created_at DESC LIMIT 1",
      );
      expect(row?.pending).toBe(false);
    },

    async "an upgrade from a page of another origin is refused"(tools) {
      const cookie = await cookieOf(await tools.loggedIn());
      expect((await open(tools, { cookie, origin: "https://admin.example" })).answer).toMatch(/^HTTP\/1.1 101 /);
      for (const origin of ["https://evil.example", "null", "https://app.example.evil.example"]) {
        const { answer } = await open(tools, { cookie, origin });
        expect(answer).toMatch(/^HTTP\/1.1 403 CrossOrigin\r\n/);
        expect(answer).toContain('{"errorType":"Forbidden","reason":"CrossOrigin"}');
      }
    },

    async "an upgrade without a session gets the whole answer"(tools) {
      const { answer } = await open(tools, {});
      expect(answer).toMatch(/^HTTP\/1.1 401 NoSession\r\n/);
      expect(answer).toMatch(/\r\nConnection: close\r\n/);
      expect(answer).toMatch(/\r\nCache-Control: private, no-store\r\n/);
      expect(answer).toContain('{"errorType":"Unauthorized","reason":"NoSession"}');
    },

    async "the client's address of an upgrade is the one that the app trusts"(tools) {
      const login = await tools.loggedIn({ tags: ["test:office"] }, { ip: "203.0.113.7" });
      const cookie = `${COOKIE}=${await tokenOf(login)}`;
      const from = async (ip: string) => (await open(tools, { cookie, "x-forwarded-for": ip })).answer;
      expect(await from("198.51.100.1, 203.0.113.8")).toMatch(/^HTTP\/1.1 101 /);
      expect(await from("203.0.113.8, 198.51.100.1")).toMatch(/^HTTP\/1.1 403 IpAddressError/);
    },

    async "a handshake that is reset, at any stage, ends nothing but itself"(tools) {
      const cookie = await cookieOf(await tools.loggedIn());
      expect((await open(tools, { cookie })).answer).toMatch(/^HTTP\/1.1 101 /);
      const refused: Record<string, string>[] = [{}, { cookie, origin: "https://evil.example" }];
      for (const headers of [{ cookie }, ...refused]) {
        for (const afterMs of [0, 1, 5, 20]) {
          const socket = reset(tools, headers);
          await setTimeout(afterMs);
          socket.resetAndDestroy();
        }
      }
      tools.link.freeze();
      const waiting = reset(tools, { cookie });
      await setTimeout(50);
      waiting.resetAndDestroy();
      await setTimeout(50);
      tools.link.thaw();
      const opened = reset(tools, { cookie });
      await once(opened, "data");
      opened.resetAndDestroy();
      await setTimeout(50);
      expect((await open(tools, { cookie })).answer).toMatch(/^HTTP\/1.1 101 /);
    },

    async "an upgrade of a bound session needs a ticket, of its own, which serves once"(tools) {
      const browser = await logInWithDevice(tools);
      const cookie = await cookieOf(browser);
      const headers = { cookie, "sec-fetch-mode": "websocket" };
      const answerTo = async (query = "") => (await open(tools, headers, query)).answer;
      const newTicket = async (of: typeof browser) =>
        (await of.prove("/session/ticket", { method: "POST" })).json<{ ticket: string }>().ticket;

      expect(await answerTo()).toMatch(/^HTTP\/1.1 401 DeviceVerificationRequired/);
      const ticket = await newTicket(browser);
      const opened = await open(tools, headers, `?room=1&ticket=${ticket}`);
      expect(opened.first).toMatchObject({ session: { deviceEvidence: "proof" } });
      expect(await answerTo(`?ticket=${ticket}`)).toMatch(/^HTTP\/1.1 401 DeviceVerificationRequired/);
      const another = await newTicket(await logInWithDevice(tools));
      expect(await answerTo(`?ticket=${another}`)).toMatch(/^HTTP\/1.1 401 DeviceVerificationRequired/);
      const late = await newTicket(browser);
      await tools.sidecar.advance(31);
      expect(await answerTo(`?ticket=${late}`)).toMatch(/^HTTP\/1.1 401 DeviceVerificationRequired/);
      // The cookie is still needed: a ticket alone is no session.
      const alone = await newTicket(browser);
      expect((await open(tools, {}, `?ticket=${alone}`)).answer).toMatch(/^HTTP\/1.1 401 NoSession/);
    },
  },
};
