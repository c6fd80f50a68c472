import { NOTICES, type Notice } from "@byo-session/core/frames";
import { createHeldAnswers } from "../../../../core/src/sidecar/holds/create-held-answers.ts";
import { HoldTable } from "../../../../core/src/sidecar/holds/hold-table.ts";
import { VouchedConnection } from "../../../../core/src/sidecar/holds/vouched-connection.ts";
import type { Rules } from "./breaks.ts";
import { versionOf } from "./database.ts";
import type { Judge } from "./judge.ts";
import type { Machine } from "./machine.ts";
import { createPipe, type Pipe } from "./pipe.ts";
import type { Random } from "./random.ts";
import type { VirtualReplica } from "./replica.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** A process of an application: its own table and vouching over connections of the test. */
export interface VirtualProcess {
  readonly name: string;
  readonly machine: Machine;
  connect(replica: VirtualReplica): void;
  /** A request that shows the session's token. */
  request(session: { id: string; token: string }): void;
  /** Ends a session by a request to any replica, as a command goes that has no connection. */
  end(sessionId: string, by: VirtualReplica): void;
  /** Nothing comes through for so long, in one direction or both. */
  block(ms: number): void;
  /** The connection breaks; the replica may notice it later. */
  cut(): void;
  readonly counts: HoldTable["counts"];
}

interface Link {
  readonly replica: VirtualReplica;
  readonly up: Pipe;
  readonly down: Pipe;
  readonly vouched: VouchedConnection;
  readonly channel: ReturnType<VirtualReplica["connect"]>;
}

const BYTES = 300;

export function createVirtualProcess(
  name: string,
  { time, random, machine, rules, judge }: World & { machine: Machine; judge: Judge },
): VirtualProcess {
  const table = new HoldTable({ nowMs: machine.nowMs });
  const held = createHeldAnswers(table, new Set([table]));
  let link: Link | undefined;
  let lastVouched: VouchedConnection | undefined;
  let connections = 0;
  /** When the answers were asked for that are held. */
  const askedAtMs = new Map<string, number>();

  /** To the replica at the other end, in whose turn the work is done. */
  function send(over: Link, source: string, work: () => void): void {
    over.up.send(() => over.replica.machine.run(source, work));
  }

  function connect(replica: VirtualReplica): void {
    const source = `link ${name} ${++connections}`;
    const down = createPipe(time, random);
    const vouched =
      (rules.keepsVouching && lastVouched) ||
      new VouchedConnection(
        { table, nowMs: machine.nowMs, repeat: (everyMs, callback) => repeat(machine, everyMs, callback) },
        (request) => {
          if (!link) return;
          const { channel } = link;
          send(link, source, () => channel.receive(Buffer.from(JSON.stringify(request))));
        },
      );
    lastVouched = vouched;
    const channel = replica.connect((notice, content) =>
      down.send(() => machine.run(source, () => take(notice, content))),
    );
    function take(notice: Notice, content: unknown): void {
      vouched.take(NOTICES[notice], JSON.stringify(content));
      const { vouching } = vouched.provenance(BYTES);
      if (rules.vouchesFromArrival && notice === "beat") vouching.untilMs = machine.nowMs() + 500;
    }
    link = { replica, up: createPipe(time, random), down, vouched, channel };
  }

  function ask(over: Link, { token }: { token: string }): void {
    const atMs = time.nowMs;
    const data = { sessionToken: token };
    let end = held.begin("ValidateSession", data);
    const source = `link ${name} ${connections}`;
    send(over, source, () => {
      void over.replica.validate(over.channel, data, (body) => {
        over.down.send(() =>
          machine.run(source, () => {
            if (rules.holdsFromArrival) end = held.begin("ValidateSession", data);
            const from = over.vouched.provenance(BYTES);
            // As the client does: promises later than the frame was read.
            void Promise.resolve().then(() => {
              askedAtMs.set(token, atMs);
              end?.(body, rules.ignoresForgets ? over.vouched.provenance(BYTES) : from);
            });
          }),
        );
      });
    });
  }

  return {
    name,
    machine,
    connect,
    request(session) {
      machine.run("requests", () => {
        const hold = held.find(session.token, {});
        if (hold) judge.served(name, session.id, versionOf(hold.answer.metadata), askedAtMs.get(session.token) ?? 0);
        else if (link) ask(link, session);
      });
    },
    end(sessionId, by) {
      machine.run("requests", () => {
        const done = rules.overlooksOwnChanges ? undefined : held.begin("InvalidateSessionById", { sessionId });
        const [there, back] = [createPipe(time, random), createPipe(time, random)];
        const answered = (version: number) => {
          done?.({}, undefined);
          judge.changed(name, sessionId, version);
        };
        const carryOut = async () => {
          const version = await by.end(sessionId);
          back.send(() => machine.run("requests", () => answered(version)));
        };
        there.send(() => by.machine.run("requests", () => void carryOut()));
      });
    },
    block(ms) {
      const which = random.between(0, 3);
      if (which < 2) link?.up.block(ms);
      if (which >= 1) link?.down.block(ms);
    },
    cut() {
      const cut = link;
      if (!cut) return;
      link = undefined;
      cut.up.close();
      cut.down.close();
      if (!rules.keepsVouching) machine.run(`link ${name} ${connections}`, () => cut.vouched.end());
      time.after(random.between(1, 800), () => cut.replica.machine.run("ended", () => cut.channel.end()));
    },
    get counts() {
      return table.counts;
    },
  };
}

/** What all of one history share. */
export interface World {
  readonly time: VirtualTime;
  readonly random: Random;
  readonly rules: Rules;
}

function repeat(machine: Machine, everyMs: number, callback: () => void): () => void {
  let cancel = machine.after(everyMs, tick);
  let isOn = true;
  function tick(): void {
    if (!isOn) return;
    cancel = machine.after(everyMs, tick);
    callback();
  }
  return () => {
    isOn = false;
    cancel();
  };
}
