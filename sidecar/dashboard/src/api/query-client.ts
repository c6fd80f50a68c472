import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { ApiError, failedWith } from "./api-error.ts";

const STALE_AFTER_MS = 5_000;
const MAX_RETRIES = 1;

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
        // The server would give the same answer again; only a broken connection is worth another try.
        retry: (failures, error) => !(error instanceof ApiError) && failures < MAX_RETRIES,
      },
    },
  });
  return client;
}
