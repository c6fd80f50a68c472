import { Anchor } from "@mantine/core";
import { Link } from "react-router";
import { EmptyState } from "../parts/empty-state.tsx";
import { PageHeader } from "../parts/page-header.tsx";

export function NotFoundPage() {
  return (
    <>
      <PageHeader title="Page not found" />
      <EmptyState title="There is no page at this address">
        <Anchor component={Link} to="/sessions">
          Go to the sessions
        </Anchor>
      </EmptyState>
    </>
  );
}
