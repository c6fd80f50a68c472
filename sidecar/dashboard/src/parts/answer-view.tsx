import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { ErrorState } from "./error-state.tsx";
import { PageLoader } from "./page-loader.tsx";

interface AnswerViewProps<T> {
  answer: UseQueryResult<T>;
  children: (data: T) => ReactNode;
}

/** What was loaded, or that it is loading, or why it could not be. Old data stays in view when a refresh fails. */
export function AnswerView<T>({ answer, children }: AnswerViewProps<T>) {
  if (answer.data !== undefined) return children(answer.data);
  if (answer.error) return <ErrorState error={answer.error} onRetry={() => void answer.refetch()} />;
  return <PageLoader />;
}
