import { defineCommand } from "./command.ts";
import { usualValidation } from "./usual-validation.ts";

export const validateAndRefreshSession = defineCommand(
  "ValidateAndRefreshSession",
  (data, { sessions }) => sessions.validate(data, { refresh: true }),
  usualValidation,
);
