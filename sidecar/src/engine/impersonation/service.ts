import { type CreateImpersonation, createImpersonations } from "./create.ts";
import type { ImpersonationDependencies } from "./dependencies.ts";
import { createImpersonationEnds, type EndImpersonations } from "./end.ts";
import { createImpersonationLists, type ListImpersonations } from "./list.ts";
import { createImpersonationValidation, type ValidateImpersonation } from "./validate.ts";

/** Employees who act as users. */
export interface Impersonations {
  create: CreateImpersonation;
  validate: ValidateImpersonation;
  list: ListImpersonations;
  end: EndImpersonations;
}

export function createImpersonationService(deps: ImpersonationDependencies): Impersonations {
  return {
    create: createImpersonations(deps),
    validate: createImpersonationValidation(deps),
    list: createImpersonationLists(deps),
    end: createImpersonationEnds(deps),
  };
}
