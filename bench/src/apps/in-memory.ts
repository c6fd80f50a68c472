import type { Server } from "node:http";
import { Duplex } from "node:stream";

const CONNECTIONS = 16;
/** Short: most of them are over before another program gets the processor. */
const BATCH = 50;
const BATCHES = 400;
const WARM_UP_BATCHES = 400;
const EXPECTED = "HTTP/1.1 200";

/** What the parent process sends: requests as they would come over a socket. */
export interface InMemoryLoad {
  inMemory: readonly string[];
}

/** Answers requests that the parent process sends, without sockets, and reports how long each batch took. */
export function driveWhenAsked(server: Server): void {
  process.on("message", async (message) => {
    if (isLoad(message)) process.send?.(await drive(server, message.inMemory));
  });
}

function isLoad(message: unknown): message is InMemoryLoad {
  return typeof message === "object" && message !== null && "inMemory" in message;
}

/** Microseconds per request, of each batch. */
async function drive(server: Server, requests: readonly string[]): Promise<number[]> {
  const bytes = requests.map((request) => Buffer.from(request));
  let sent = 0;
  const next = () => bytes[sent++ % bytes.length];
  const connections = Array.from({ length: CONNECTIONS }, () => new Connection());
  for (const connection of connections) server.emit("connection", connection);
  const took: number[] = [];
  for (let batch = 0; batch < WARM_UP_BATCHES + BATCHES; batch++) {
    const startedMs = performance.now();
    await answered(connections, BATCH, next);
    if (batch >= WARM_UP_BATCHES) took.push(((performance.now() - startedMs) * 1000) / BATCH);
  }
  for (const connection of connections) connection.destroy();
  return took;
}

function answered(connections: readonly Connection[], count: number, next: () => Buffer | undefined): Promise<void> {
  let [begun, done] = [0, 0];
  return new Promise((resolve) => {
    const begin = (connection: Connection) => {
      if (begun++ < count) connection.push(next());
    };
    for (const connection of connections) {
      connection.onAnswer = () => {
        if (++done === count) resolve();
        // In a turn of its own, as with sockets.
        else setImmediate(begin, connection);
      };
      begin(connection);
    }
  });
}

/** One connection of a client that only counts the answers. */
class Connection extends Duplex {
  /** What a server reads of a socket. */
  readonly remoteAddress = "127.0.0.1";
  onAnswer = (): void => {};

  setTimeout(): this {
    return this;
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#take(chunk);
    done();
  }

  /** A server writes the headers and the body of one answer together. */
  override _writev([first]: { chunk: Buffer }[], done: () => void): void {
    if (first) this.#take(first.chunk);
    done();
  }

  #take(answer: Buffer): void {
    const status = answer.toString("latin1", 0, EXPECTED.length);
    if (status !== EXPECTED) throw new Error(`expected ${EXPECTED}, got ${answer}`);
    this.onAnswer();
  }
}
