import { defineCommand } from "./command.ts";
import { usualValidation } from "./usual-validation.ts";

export const validateSession = defineCommand(
  "ValidateSession",
  (data, { sessions }) => sessions.validate(data, { refresh: false }),
  usualValidation,
);
