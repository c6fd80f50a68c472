import { useQuery } from "@tanstack/react-query";
import { post } from "../api/call.ts";

/** The built-in values: those of an empty policy. */
export function useBuiltIn(): Readonly<Record<string, unknown>> {
  const { data } = useQuery({
    queryKey: ["policies/explain", "built-in"],
    queryFn: ({ signal }) => post("policies/explain", { tags: [], text: "{}" }, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return Object.fromEntries(data?.settings.map(({ setting, value }) => [setting, value]) ?? []);
}
