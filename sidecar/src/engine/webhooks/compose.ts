import type { Logger } from "pino";
import type { Database } from "../db/database.ts";
import type { Envelope } from "../keys/envelope.ts";
import type { CidrSet } from "../policy/ip-address.ts";
import { startDispatcher, type WebhookMetrics } from "./dispatcher.ts";
import { createPost, type Post } from "./post.ts";
import { createTargets, type Targets } from "./targets.ts";

export interface Webhooks {
  targets: Targets;
  post: Post;
  close(): Promise<void>;
}

export interface WebhookDependencies {
  db: Database;
  envelope: Envelope;
  /** Private addresses that webhooks may be sent to. */
  privateTargets: CidrSet;
  metrics: WebhookMetrics;
  log: Pick<Logger, "error">;
}

/** Builds what sends webhooks, and starts sending. */
export function composeWebhooks({ privateTargets, ...deps }: WebhookDependencies): Webhooks {
  const targets = createTargets(privateTargets);
  const post = createPost(targets);
  const stop = startDispatcher({ ...deps, post });
  return {
    targets,
    post,
    async close() {
      await stop();
      post.close();
    },
  };
}
