import type { VisitGate } from "@byo-session/core/web";
import { type Build, readBuild } from "./build.ts";
import { createHandover, type Handover } from "./handover.ts";
import type { SessionOptions } from "./options.ts";
import { createPathMatcher, isPathOf } from "./protected-paths.ts";
import { createNextGate, type Visit } from "./visit.ts";

/** What all functions of one `createSessions()` share. */
export interface SessionParts {
  readonly options: SessionOptions;
  readonly gate: VisitGate<Visit>;
  readonly handover: Handover;
  /** Its sessions among those of the application: each kind has a cookie of its own. */
  readonly realm: string;
  /** Of paths as Next routes them. */
  readonly isProtected: (path: string) => boolean;
  readonly isLogin: (path: string) => boolean;
  /** Undefined while an app is developed, since nothing is built then, and where Next does not tell. */
  readonly build: Build | undefined;
}

/**
 * Made at the first request: a build, which loads every route, has no environment.
 *
 * @throws ConfigurationError `ERR_BYO_OPTIONS`, then, for options that cannot be used.
 */
export function createParts(options: SessionOptions): () => SessionParts {
  let parts: SessionParts | undefined;
  return () => {
    if (parts) return parts;
    const gate = createNextGate(options);
    const { integrationKey, cookie, development } = gate.settings;
    parts = {
      ...{ options, gate, realm: cookie.place.name },
      handover: createHandover(options.handoverSecret ?? integrationKey),
      isProtected: createPathMatcher(options.protect ?? []),
      isLogin: isPathOf(options.loginUrl),
      build: development ? undefined : readBuild(),
    };
    return parts;
  };
}
