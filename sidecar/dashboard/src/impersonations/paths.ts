import type { InputOf } from "../api/calls.ts";

type Filter = InputOf<"impersonations/list">;

/** The page shows those that are active, unless `ended` asks for the others too. */
export function readImpersonationFilter(query: URLSearchParams): Filter {
  const employeeEmail = query.get("employee");
  const cursor = query.get("cursor");
  return {
    ...(query.get("ended") === null && { active: true }),
    ...(employeeEmail !== null && { employeeEmail }),
    ...(cursor !== null && { cursor }),
  };
}

export function impersonationsPath({ active, employeeEmail, cursor }: Filter): string {
  const query = new URLSearchParams({
    ...(!active && { ended: "too" }),
    ...(employeeEmail !== undefined && { employee: employeeEmail }),
    ...(cursor !== undefined && { cursor }),
  });
  return query.size === 0 ? "/impersonations" : `/impersonations?${query}`;
}
