import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { post } from "../api/call.ts";
import type { InputOf } from "../api/calls.ts";

/** One call ends as many sessions as it can in some seconds; this repeats it until no session is left. */
export function useEndMany(onDone: (ended: number) => void) {
  const [endedSoFar, setEndedSoFar] = useState(0);
  const end = useMutation({
    mutationFn: async (input: Omit<InputOf<"sessions/end-many">, "operation">) => {
      // One entry in the log for all calls.
      const operation = crypto.randomUUID();
      for (let total = 0; ; ) {
        const { ended, hasMore } = await post("sessions/end-many", { ...input, operation });
        total += ended;
        setEndedSoFar(total);
        // No progress: someone logs in as fast as sessions end. Reporting that is better than looping forever.
        if (!hasMore || ended === 0) return total;
      }
    },
    onSuccess: onDone,
  });
  return { end, endedSoFar };
}
