import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { EndMany } from "../../../src/dashboard/contract/sessions.ts";
import { call } from "../api/call.ts";

/** One call ends as many as fit into some seconds; this goes on until none is left. */
export function useEndMany(onDone: (ended: number) => void) {
  const [endedSoFar, setEndedSoFar] = useState(0);
  const end = useMutation({
    mutationFn: async (input: EndMany) => {
      for (let total = 0; ; ) {
        const { ended, hasMore } = await call("sessions/end-many", input);
        total += ended;
        setEndedSoFar(total);
        // Without progress somebody logs in as fast as sessions end: better to say so than to go on for ever.
        if (!hasMore || ended === 0) return total;
      }
    },
    onSuccess: onDone,
  });
  return { end, endedSoFar };
}
