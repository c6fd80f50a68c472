import { type UseMutationResult, useMutation } from "@tanstack/react-query";
import type { AnswerOf, InputOf } from "../../../src/dashboard/contract/api.ts";
import type { CallName } from "../../../src/dashboard/contract/calls.ts";
import { call } from "./call.ts";

/** A call that never asks for the password again, because its input has one. */
export function usePublicAction<C extends CallName>(
  name: C,
  onSuccess: (answer: AnswerOf<C>) => void,
): UseMutationResult<AnswerOf<C>, unknown, InputOf<C>> {
  return useMutation<AnswerOf<C>, unknown, InputOf<C>>({ mutationFn: (input) => call(name, input), onSuccess });
}
