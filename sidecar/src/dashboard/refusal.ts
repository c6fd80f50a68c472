import type { DashboardError } from "./contract/errors.ts";

/** The call is answered with an error of the contract. It is thrown, so that an open transaction rolls back. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly error: DashboardError;

  constructor(error: DashboardError) {
    super(error.message);
    this.error = error;
  }
}

export function notFound(message: string): Refusal {
  return new Refusal({ type: "NotFound", message });
}

export function forbidden(message: string): Refusal {
  return new Refusal({ type: "Forbidden", message });
}

export function invalidField(field: string, message: string): Refusal {
  return new Refusal({ type: "InvalidInput", message: `${field}: ${message}`, problems: [{ field, message }] });
}

export function conflict(message: string): Refusal {
  return new Refusal({ type: "Conflict", message });
}
