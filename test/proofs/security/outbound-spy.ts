/**
 * Loaded into a sidecar's process before anything else: tells on stderr each connection that it makes and each name that
 * it looks up, whichever library does so.
 */
import dgram from "node:dgram";
import dns from "node:dns";
import { Socket } from "node:net";
import { inspect } from "node:util";

function tell(what: string, ...args: unknown[]): void {
  process.stderr.write(`OUTBOUND ${what} ${inspect(args, { depth: 2, breakLength: Number.POSITIVE_INFINITY })}\n`);
}

function watch(target: object, method: string): void {
  const original: unknown = Reflect.get(target, method);
  if (typeof original !== "function") throw new Error(`expected a function ${method} to watch`);
  Reflect.set(target, method, function watched(this: unknown, ...args: unknown[]) {
    tell(method, ...args.filter((arg) => typeof arg !== "function"));
    return Reflect.apply(original, this, args);
  });
}

watch(Socket.prototype, "connect");
watch(dgram.Socket.prototype, "send");
for (const method of ["lookup", "resolve", "resolve4", "resolve6"]) {
  watch(dns, method);
  watch(dns.promises, method);
}
process.stderr.write("OUTBOUND watching\n");
