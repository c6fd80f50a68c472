import { useQuery } from "@tanstack/react-query";
import { call } from "../api/call.ts";

/** The values that hold where neither the file nor an edit says anything: those of an empty policy. */
export function useBuiltIn(): Readonly<Record<string, unknown>> {
  const { data } = useQuery({
    queryKey: ["policies/explain", "built-in"],
    queryFn: ({ signal }) => call("policies/explain", { tags: [], text: "{}" }, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return Object.fromEntries(data?.settings.map(({ setting, value }) => [setting, value]) ?? []);
}
