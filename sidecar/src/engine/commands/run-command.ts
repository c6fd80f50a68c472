import {
  type CommandData,
  type CommandError,
  type CommandName,
  ERROR_STATUS,
  inputOf,
  isCommandName,
  isStorableText,
} from "@byo-session/core/contract";
import type { z } from "zod";
import { DatabaseUnavailable } from "../db/database.ts";
import type { Grant } from "../holds/grant.ts";
import type { KeyCapability } from "../keys/capabilities.ts";
import type { AcceptedKey } from "../keys/integration-keys.ts";
import { withClientAddress } from "../policy/client-address.ts";
import { internalError } from "../requests/internal-error.ts";
import { currentRequest } from "../requests/request.ts";
import { readTraceparent } from "../requests/traceparent.ts";
import { type Answer, Contended, fail } from "../sessions/dependencies.ts";
import { TooBusy } from "../sessions/fair-share.ts";
import { traceCommand } from "../tracing/traced-command.ts";
import type { Tracing } from "../tracing/tracing.ts";
import { createDeadline, DeadlinePassed } from "./deadline.ts";
import { type CommandContext, HANDLERS } from "./handlers.ts";
import { NOT_SERVED } from "./not-served.ts";
import { usualValidation } from "./usual-validation.ts";

/** The answer as it goes over the wire. */
export interface WireAnswer {
  status: number;
  body: unknown;
  /** For metrics: always a name from a closed list, whatever was sent. */
  command: CommandName | "not-served" | "malformed";
}

export interface CommandRunner {
  run(body: Buffer, key: AcceptedKey, grant?: Grant): Promise<WireAnswer>;
}

export interface CommandRunnerDependencies extends Omit<CommandContext, "actor" | "grant"> {
  /** Receives unexpected errors. Never receives the input of the command. */
  onUnexpected: (error: unknown, command: string) => void;
  /** Undefined: commands are not traced. */
  tracing?: Tracing | undefined;
}

/** Every command is answered within 5 seconds, whatever the database does. */
const withinDeadline = createDeadline(4500);
/** Shared: it keeps no state between two texts. */
const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Checks and runs one command from the body of a request. */
export function createCommandRunner({ onUnexpected, tracing, ...context }: CommandRunnerDependencies): CommandRunner {
  return {
    async run(body, key, grant) {
      const read = readCommand(body);
      if ("problem" in read) return wire(malformed(read.problem), "malformed");
      const { name, data, traceparent } = read;
      if (!isCommandName(name)) return wire(unserved(name), NOT_SERVED.has(name) ? "not-served" : "malformed");
      if (!key.allows(name)) return wire(notAllowed(name), name);
      if (traceparent !== undefined) noteTrace(traceparent);
      const work = async () => wire(await attempt(name, data, key, grant), name);
      return tracing ? traceCommand(tracing, name, currentRequest()?.traceparent, work, answered) : work();
    },
  };

  async function attempt(
    name: CommandName,
    data: unknown,
    key: AcceptedKey,
    grant: Grant | undefined,
  ): Promise<Answer<unknown>> {
    try {
      return await withinDeadline(execute(name, data, key, { ...context, actor: `key:${key.keyId}`, grant }));
    } catch (error) {
      const unavailable = unavailableDetails(error);
      if (unavailable) return fail({ type: "UnexpectedError", details: unavailable }, 503);
      onUnexpected(error, name);
      return fail({ type: "UnexpectedError", details: internalError() });
    }
  }
}

/** The most frequent inputs are checked without their schema; undefined leaves the check to the schema. */
const USUAL: { readonly [C in CommandName]?: (data: unknown) => CommandData[C] | undefined } = {
  ValidateSession: usualValidation,
  ValidateAndRefreshSession: usualValidation,
};

function execute<C extends CommandName>(
  name: C,
  data: unknown,
  key: AcceptedKey,
  context: CommandContext,
): Promise<Answer<unknown>> {
  const handle = HANDLERS[name];
  const usual = USUAL[name]?.(data);
  if (usual) return handle(withClientAddress(usual), context);
  const parsed = inputOf(name).safeParse(data);
  if (!parsed.success) return Promise.resolve(malformed(describe(parsed.error)));
  const capability = capabilityFor(parsed.data);
  if (capability && !key.uses(capability)) return Promise.resolve(notAllowed(name));
  return handle(withClientAddress(parsed.data), context);
}

/** What a key needs for this data besides the command. Inputs that skip the schema never need it. */
function capabilityFor(data: CommandData[CommandName]): KeyCapability | undefined {
  return "ignoreDeviceForVerification" in data && data.ignoreDeviceForVerification ? "device:ignore" : undefined;
}

function notAllowed(name: CommandName): Answer<never> {
  return fail({ type: "CommandNotAllowed", details: { command_name: name } });
}

/** `__proto__` and the like are harmless here: nothing is assigned from the input. */
function readCommand(body: Buffer): ReadCommand | { problem: string } {
  let json: unknown;
  try {
    json = JSON.parse(utf8.decode(body));
  } catch {
    return { problem: "body: expected JSON in UTF-8" };
  }
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    return { problem: 'body: expected an object {"command": …, "data": …}' };
  }
  const { command, data, traceparent } = json as { command?: unknown; data?: unknown; traceparent?: unknown };
  if (typeof command !== "string") return { problem: "command: expected a string" };
  return { name: command, data, traceparent };
}

interface ReadCommand {
  name: string;
  data: unknown;
  /** In a frame, which has no headers. */
  traceparent: unknown;
}

/** The header of a request, if it has one, comes from closer by: proxies set it. */
function noteTrace(traceparent: unknown): void {
  const request = currentRequest();
  if (request) request.traceparent ??= readTraceparent(traceparent);
}

function unserved(name: string): Answer<never> {
  if (NOT_SERVED.has(name)) {
    return fail({ type: "UnexpectedError", details: `${name} is not served by this sidecar` }, 501);
  }
  const shown = name.length <= 64 && isStorableText(name) && /^\w+$/.test(name) ? `: ${name}` : "";
  return malformed(`command: unknown name${shown}`);
}

function malformed(details: string): { ok: false; error: CommandError; status?: number } {
  return fail({ type: "UnexpectedError", details }, 400);
}

/** Which field, and what was expected; never the value. */
function describe(error: z.ZodError): string {
  return error.issues
    .slice(0, 5)
    .map((issue) => `${issue.path.length > 0 ? issue.path.join(".") : "data"}: ${expectation(issue)}`)
    .join("; ");
}

function expectation(issue: z.core.$ZodIssue): string {
  return issue.path.length === 0 && issue.code === "invalid_type" ? "expected an object" : issue.message;
}

function unavailableDetails(error: unknown): string | undefined {
  if (error instanceof DatabaseUnavailable || error instanceof DeadlinePassed) return "the database did not answer";
  if (error instanceof TooBusy || error instanceof Contended) return `busy: ${error.message}; try again`;
  return undefined;
}

/** What a trace says of an answer. */
function answered({ status, body }: WireAnswer): { status: number; error: string | undefined } {
  const error = typeof body === "object" && body !== null && "type" in body ? String(body.type) : undefined;
  return { status, error: status === 200 ? undefined : error };
}

function wire(answer: Answer<unknown>, command: WireAnswer["command"]): WireAnswer {
  if (answer.ok) return { status: 200, body: answer.data, command };
  return { status: answer.status ?? ERROR_STATUS[answer.error.type], body: answer.error, command };
}
