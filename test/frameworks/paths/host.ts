import type { ByoSessionOptions } from "@byo-session/core";

/** The options of each start. */
export type PathOptions = Required<Pick<ByoSessionOptions<unknown>, "url" | "integrationKey" | "loginUrl" | "routes">> &
  Pick<ByoSessionOptions<unknown>, "addedPrefix"> & { publicUrl: (request: unknown) => string };

/**
 * A way in which a framework serves an application below a path. The application, relative to that:
 *
 * | request | answer |
 * | --- | --- |
 * | `GET /me` | `{ session }`, behind `requireSession()` |
 * | `POST /login` | `await byo.login(body)` |
 * | `GET /sign-in` | `{ session }`: the login page |
 */
export interface Place {
  /** As the table in docs/paths.md names it. */
  readonly title: string;
  /** Below which the application is: such as `/shop`; empty at the root. */
  readonly path: string;
  start(options: PathOptions): Promise<{ url: string; stop(): Promise<void> }>;
}

/** A framework of one version, with its places. */
export interface PathHost {
  readonly name: string;
  readonly places: readonly Place[];
}
