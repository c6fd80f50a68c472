import { createCarrier } from "#carrier";
import {
  type CommandData,
  type CommandErrorOf,
  type CommandName,
  type CommandResponse,
  KEY_ERRORS,
} from "../contract/index.ts";
import { ConfigurationError } from "../errors.ts";
import { isExposed, readAddress } from "./address.ts";
import type { CarrierFactory } from "./carrier.ts";
import { startCommandSpan } from "./command-span.ts";
import type { HeldAnswers } from "./holds/held-answers.ts";
import { fail, type Result, succeed } from "./result.ts";
import { createTransport, type Delivery } from "./transport.ts";
import { createSessionWatch } from "./watch/session-watch.ts";
import type { WatchSession } from "./watch/watcher.ts";

type Call<C extends CommandName> = (
  // Ping needs no data.
  ...data: Record<string, never> extends CommandData[C] ? [data?: CommandData[C]] : [data: CommandData[C]]
) => Promise<Result<CommandResponse[C], CommandErrorOf<C>>>;

type MakeCall = <C extends CommandName>(command: C) => Call<C>;

/** The commands under the names that the public client gives them. */
function callsBy(call: MakeCall) {
  return {
    ping: call("Ping"),
    session: {
      create: call("CreateSession"),
      validate: call("ValidateSession"),
      validateAndRefresh: call("ValidateAndRefreshSession"),
      noteActivity: call("NoteActivity"),
      fetchAllForUser: call("FetchAllSessionsForUser"),
      fetchAll: call("FetchAllSessions"),
      fetchById: call("FetchSessionById"),
      update: call("UpdateSession"),
      updateMany: call("UpdateSessions"),
      invalidateById: call("InvalidateSessionById"),
      invalidateByToken: call("InvalidateSessionByToken"),
      invalidateAllForUser: call("InvalidateAllSessionsForUser"),
      invalidateAllForUserExceptOne: call("InvalidateAllSessionsForUserExceptOne"),
      createStatelessToken: call("CreateStatelessToken"),
      getJwks: call("GetJwks"),
      rotateStatelessTokenKey: call("RotateStatelessTokenKey"),
      // Not in the public client, like the last two device calls: not every sidecar supports them.
      invalidateMany: call("InvalidateSessions"),
      createUpgradeTicket: call("CreateUpgradeTicket"),
      redeemUpgradeTicket: call("RedeemUpgradeTicket"),
      device: {
        createChallenge: call("CreateDeviceChallenge"),
        register: call("RegisterDevice"),
        fetchRememberedForUser: call("FetchRememberedDevicesForUser"),
        forgetRemembered: call("ForgetRememberedDevice"),
      },
    },
    impersonation: {
      create: call("CreateImpersonationSession"),
      validate: call("ValidateImpersonationSession"),
      fetchById: call("FetchImpersonationSessionById"),
      fetchAllForEmployee: call("FetchAllImpersonationSessionsForEmployee"),
      fetchAllForUser: call("FetchAllImpersonationSessionsForUser"),
      fetchAllActive: call("FetchAllActiveImpersonationSessions"),
      invalidateById: call("InvalidateImpersonationSessionById"),
      invalidateByToken: call("InvalidateImpersonationSessionByToken"),
      invalidateAllForEmployee: call("InvalidateAllImpersonationSessionsForEmployee"),
      invalidateAllForUser: call("InvalidateAllImpersonationSessionsForUser"),
      // Not in the public client.
      fetchVisibleForUser: call("FetchVisibleImpersonationsForUser"),
    },
  };
}

/** The sidecar's commands. The calls and their results are the same as in the public client. */
export interface SidecarClient extends Readonly<ReturnType<typeof callsBy>> {
  readonly hasDeviceCookies: true;
  /** The answers that this client holds. Undefined: none, because of `hold: false` or the runtime. */
  readonly holds?: HeldAnswers;
  /**
   * Watches a session until it ends or the returned function is called. If the sidecar pushes changes (on Node, over the
   * fast path), they are reported within a second, usually within milliseconds; otherwise within 30 seconds.
   *
   * @param known The session as you last saw it: changes since then are reported too.
   */
  readonly watch: WatchSession;
  /** Closes the connections; pending commands are answered first. */
  close(): Promise<void>;
}

export interface ClientOptions {
  /**
   * Where the sidecar listens: `http://127.0.0.1:2884`, `https://sidecar.example.com`, or on Node `unix:/run/byo.sock`.
   */
  url: string;
  /** A key of the sidecar, `api_…`. */
  integrationKey: string;
  /** The deadline of one command in milliseconds, including its retry. Default: 2000. */
  timeoutMs?: number;
  /** Receives one line when the sidecar stops answering, and one when it answers again. Default: `console.warn`. */
  log?: (line: string) => void;
  /**
   * The number of fast-path connections, 1 to 64. More than one spreads a process over the replicas behind a load
   * balancer. Default: 1.
   */
  connections?: number;
  /**
   * Whether answers are held and served again without asking, while the sidecar vouches for them: on Node, over the fast
   * path. A session that ends is refused within a second. Default: true.
   */
  hold?: boolean;
  /** How commands are sent. Default: the fast path on Node, `/run-command` with `fetch` on edge runtimes. */
  carrier?: CarrierFactory;
}

/**
 * Creates a client for the sidecar. A network failure, a timeout or an invalid answer does not reject: the result is
 * the error `UnexpectedError`, without a `status` if no HTTP answer arrived.
 *
 * @throws ConfigurationError `ERR_BYO_OPTIONS` if the URL or the key is invalid.
 */
export function createClient(options: ClientOptions): SidecarClient {
  const { timeoutMs = 2000, connections = 1, hold = true, log = console.warn, carrier = createCarrier } = options;
  const address = readAddress(options.url);
  const authorization = `Bearer ${checkedKey(options.integrationKey)}`;
  if (!(Number.isInteger(connections) && connections >= 1 && connections <= 64)) {
    throw new ConfigurationError("ERR_BYO_OPTIONS", "`connections`: expected a whole number from 1 to 64");
  }
  if (isExposed(address)) {
    log(`byo-session: ${address.name} carries session tokens unencrypted; use https:// unless the network is private`);
  }
  const by = carrier({ address, authorization, connections, hold, log });
  const { holds, pushes } = by;
  const transport = createTransport({
    carrier: by,
    address: address.name,
    timeoutMs,
    nowMs: () => performance.now(),
    log,
  });

  let isKeyReported = false;

  const call =
    <C extends CommandName>(command: C) =>
    async (...[data]: Parameters<Call<C>>) => {
      const end = holds?.begin(command, data ?? {});
      const span = startCommandSpan(command);
      const delivery = await transport.run(command, data ?? {}, span?.traceparent);
      span?.end(delivery.status);
      const result = toResult<C>(delivery);
      end?.(result.ok ? result.data : undefined, delivery.provenance);
      if (!result.ok && !isKeyReported && ABOUT_THE_KEY.has(result.error.type)) {
        isKeyReported = true;
        log(`byo-session: ${address.name} refuses the integration key: ${result.error.type}. ${KEY_ADVICE}`);
      }
      return result;
    };

  const calls = callsBy(call);
  const { watch, close: endWatch } = createSessionWatch({
    fetch: (sessionId) => calls.session.fetchById({ sessionId, tellEnd: true }),
    pushes,
    log,
  });
  return {
    ...{ hasDeviceCookies: true, ...(holds && { holds }), ...calls, watch },
    close() {
      endWatch();
      return transport.close();
    },
  };
}

const KEY_ADVICE = "Set BYO_INTEGRATION_KEY or `integrationKey` to a key of this sidecar that may call the command";
/** A user of the application cannot fix these. */
const ABOUT_THE_KEY: ReadonlySet<string> = new Set(KEY_ERRORS);

function toResult<C extends CommandName>(delivery: Delivery): Result<CommandResponse[C], CommandErrorOf<C>> {
  if (delivery.status === undefined) return fail(unexpected(delivery.fault));
  const body = parseObject(delivery.body);
  if (body === undefined) {
    return fail(unexpected(`expected a JSON object from the sidecar, got status ${delivery.status} with another body`));
  }
  // The contract promises that 200 carries the command's response, and any other status its typed error. Code that
  // lets a request pass because of a field checks that field first.
  if (delivery.status === 200) return succeed(body as CommandResponse[C]);
  if (!("type" in body) || typeof body.type !== "string") {
    return fail(unexpected(`expected an error with a type, got status ${delivery.status}`), delivery.status);
  }
  return fail(body as CommandErrorOf<C>, delivery.status);
}

function unexpected<C extends CommandName>(details: string): CommandErrorOf<C> {
  return { type: "UnexpectedError", details } as CommandErrorOf<C>;
}

function parseObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function checkedKey(key: string): string {
  if (/^[\x21-\x7e]+$/.test(key)) return key;
  // Never echoed: even a mistyped key is a secret.
  throw new ConfigurationError(
    "ERR_BYO_OPTIONS",
    "`integrationKey` (BYO_INTEGRATION_KEY): expected an integration key (api_…), without spaces or line breaks",
  );
}
