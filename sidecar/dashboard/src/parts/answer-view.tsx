import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { whyMissing } from "../api/away.ts";
import { ErrorState } from "./error-state.tsx";
import { PageLoader } from "./page-loader.tsx";

interface AnswerViewProps<T> {
  answer: UseQueryResult<T>;
  children: (data: T) => ReactNode;
}

/** Shows loaded data, a loading state or an error. Old data stays in view if a refresh fails. */
export function AnswerView<T>({ answer, children }: AnswerViewProps<T>) {
  if (answer.data !== undefined) return children(answer.data);
  const error = whyMissing(answer);
  if (error !== null) return <ErrorState error={error} onRetry={() => void answer.refetch()} />;
  return <PageLoader />;
}
