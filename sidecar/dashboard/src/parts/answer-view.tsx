import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { whyMissing } from "../api/away.ts";
import { ErrorState } from "./error-state.tsx";
import { PageHeader } from "./page-header.tsx";
import { PageLoader } from "./page-loader.tsx";

interface AnswerViewProps<T> {
  answer: UseQueryResult<T>;
  /** The heading of a page that has none without the data. */
  title?: string;
  children: (data: T) => ReactNode;
}

/** Shows loaded data, a loading state or an error. Old data stays in view if a refresh fails. */
export function AnswerView<T>({ answer, title, children }: AnswerViewProps<T>) {
  if (answer.data !== undefined) return children(answer.data);
  const error = whyMissing(answer);
  if (error === null) return <PageLoader />;
  return (
    <>
      {title !== undefined && <PageHeader title={title} />}
      <ErrorState error={error} onRetry={() => void answer.refetch()} />
    </>
  );
}
