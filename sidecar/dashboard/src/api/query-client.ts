import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { ApiError, failedWith } from "./api-error.ts";

const STALE_AFTER_MS = 5_000;
const MAX_RETRIES = 1;

/** Keeps the answers. When the login has ended, whoever learns of it first brings the log-in page. */
export function createQueryClient(): QueryClient {
  function onError(error: unknown): void {
    const hasEnded = failedWith(error, "NotLoggedIn") ?? failedWith(error, "PasswordChangeRequired");
    if (hasEnded) void client.invalidateQueries({ queryKey: ["access/state"] });
  }
  const client = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      // The sidecar may be on this very machine: whether there is a network says nothing.
      mutations: { networkMode: "always" },
      queries: {
        networkMode: "always",
        staleTime: STALE_AFTER_MS,
        // What the server has answered it would answer again; only a broken connection is worth another try.
        retry: (failures, error) => !(error instanceof ApiError) && failures < MAX_RETRIES,
      },
    },
  });
  return client;
}
