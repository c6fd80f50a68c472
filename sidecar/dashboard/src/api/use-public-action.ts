import { type UseMutationResult, useMutation } from "@tanstack/react-query";
import { post } from "./call.ts";
import type { AnswerOf, InputOf, NameOf } from "./calls.ts";

/** A call that never asks for the password again, because its input has one. */
export function usePublicAction<C extends NameOf<"POST">>(
  name: C,
  onSuccess: (answer: AnswerOf<C>) => void,
): UseMutationResult<AnswerOf<C>, unknown, InputOf<C>> {
  return useMutation<AnswerOf<C>, unknown, InputOf<C>>({ mutationFn: (input) => post(name, input), onSuccess });
}
