import { Alert } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { explain } from "../api/api-error.ts";
import { isAway } from "../api/away.ts";

/** Says on every page that the sidecar or its database is away, until it is back. */
export function AwayBanner() {
  const cache = useQueryClient().getQueryCache();
  const message = useSyncExternalStore(
    (onChange) => cache.subscribe(onChange),
    () => {
      const away = cache.findAll({ type: "active" }).find(({ state }) => hasFailed(state.fetchFailureReason));
      return away ? explain(away.state.fetchFailureReason) : undefined;
    },
  );
  if (message === undefined) return null;
  return (
    <Alert role="alert" color="red" variant="light" title="What you see may be out of date" mb="md">
      {message} This page tries again every few seconds.
    </Alert>
  );
}

function hasFailed(reason: unknown): boolean {
  return reason !== null && isAway(reason);
}
