import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { failedWith } from "./api-error.ts";
import { isAway } from "./away.ts";

/** The parts of the dashboard that show sessions: what becomes stale when some end. */
export const SHOW_SESSIONS = ["sessions", "incidents", "app-users", "impersonations", "overview"];

const STALE_AFTER_MS = 5_000;
/** How long an answer is kept that is not on the screen, such as behind the login form. */
const KEPT_MS = 3_600_000;
const FIRST_TRY_MS = 300;
const TRY_AGAIN_MS = 3_000;

/** Caches the answers. The first call that finds the login ended shows the login page. */
export function createQueryClient(): QueryClient {
  function onError(error: unknown): void {
    const hasEnded = failedWith(error, "NotLoggedIn") ?? failedWith(error, "PasswordChangeRequired");
    if (hasEnded) void client.invalidateQueries({ queryKey: ["access/state"] });
  }
  const client = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      // The sidecar may run on this machine, so a missing network does not matter.
      mutations: { networkMode: "always" },
      queries: {
        networkMode: "always",
        staleTime: STALE_AFTER_MS,
        gcTime: KEPT_MS,
        // Other errors would come again; these end by themselves, and so the page recovers by itself.
        retry: (_failures, error) => isAway(error),
        retryDelay: (failures) => (failures === 0 ? FIRST_TRY_MS : TRY_AGAIN_MS),
      },
    },
  });
  return client;
}

/** Asks again for the answers of these parts, each the first part of calls' names. */
export function askAgain(client: QueryClient, parts: readonly string[]): void {
  void client.invalidateQueries({
    predicate: ({ queryKey: [key] }) => parts.some((part) => String(key).startsWith(`${part}/`)),
  });
}
