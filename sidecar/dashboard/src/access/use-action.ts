import { type UseMutationResult, useMutation, useQueryClient } from "@tanstack/react-query";
import { failedWith } from "../api/api-error.ts";
import { post } from "../api/call.ts";
import type { AnswerOf, InputOf, NameOf } from "../api/calls.ts";
import { askAgain } from "../api/query-client.ts";
import { usePasswordDialog } from "./password-dialog.tsx";

interface ActionOptions<C extends NameOf<"POST">> {
  /** The calls whose answers become stale, by the first part of their names, such as "sessions". */
  changes?: string[];
  onSuccess?: (answer: AnswerOf<C>, input: InputOf<C>) => void;
}

/** A call that changes something. If the server wants the password again, the person is asked and the call repeated. */
export function useAction<C extends NameOf<"POST">>(
  name: C,
  { changes = [], onSuccess }: ActionOptions<C> = {},
): UseMutationResult<AnswerOf<C>, unknown, InputOf<C>> {
  const queries = useQueryClient();
  const askForPassword = usePasswordDialog();
  return useMutation<AnswerOf<C>, unknown, InputOf<C>>({
    mutationFn: async (input) => {
      try {
        return await post(name, input);
      } catch (error) {
        if (!failedWith(error, "PasswordRequired") || !(await askForPassword())) throw error;
        return await post(name, input);
      }
    },
    onSuccess: (answer, input) => {
      askAgain(queries, changes);
      onSuccess?.(answer, input);
    },
  });
}
