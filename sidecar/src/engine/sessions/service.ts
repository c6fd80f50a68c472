import { type CreateSession, createLogins } from "./create/create.ts";
import type { SessionDependencies } from "./dependencies.ts";
import { createInvalidations, type InvalidateSessions } from "./end/invalidate.ts";
import { createListings, type ListSessions } from "./list/list.ts";
import { createRegistration, type RegisterDevice } from "./register/register-device.ts";
import { createUpdates, type UpdateSessions } from "./update/update.ts";
import { createActivityNotes, type NoteActivity } from "./use/note-activity.ts";
import { createValidation, type ValidateSessions } from "./validate/validate.ts";

/** The rules of sessions: everything that commands can ask of them. */
export interface SessionService {
  create: CreateSession;
  validate: ValidateSessions;
  noteActivity: NoteActivity;
  update: UpdateSessions;
  invalidate: InvalidateSessions;
  list: ListSessions;
  registerDevice: RegisterDevice;
}

export function createSessionService(deps: SessionDependencies): SessionService {
  return {
    create: createLogins(deps),
    validate: createValidation(deps),
    noteActivity: createActivityNotes(deps),
    update: createUpdates(deps),
    invalidate: createInvalidations(deps),
    list: createListings(deps),
    registerDevice: createRegistration(deps),
  };
}
