import { type Replica, type RequestContext, requestContext } from "./replica.ts";

/** How the commands of a history come to its replicas. */
export interface Port {
  /** Sends a command to one of them, on behalf of a request if there is one. */
  send(replica: number, command: Command, context?: RequestContext): Promise<Sent>;
  /** Until every command that was sent has come to its replica, and every answer to its client. */
  quiet(): Promise<void>;
}

export interface Command {
  command:
    | "CreateSession"
    | "ValidateSession"
    | "ValidateAndRefreshSession"
    | "InvalidateSessionByToken"
    | "InvalidateSessionById";
  data: object;
}

/** An answer as it is on the wire. */
export interface Sent {
  status: number;
  body: string;
}

const KEY = { keyId: "test", allows: () => true, uses: () => true };

/** Hands commands over in this process. */
export function createDirectPort(replicas: readonly Replica[]): Port {
  return {
    async send(index, command, context) {
      const replica = replicas[index % replicas.length];
      if (!replica) throw new Error("no replica");
      const run = () => replica.commands.run(Buffer.from(JSON.stringify(command)), KEY);
      const { status, body } = await (context ? requestContext.run(context, run) : run());
      return { status, body: JSON.stringify(body) };
    },
    quiet: async () => {},
  };
}
