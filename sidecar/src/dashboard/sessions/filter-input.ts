import { z } from "zod";
import { DEVICE_TYPES, END_REASONS, FLAG_FILTERS, SESSION_EVENTS, SESSION_STATES } from "../contract/sessions.ts";
import { oneOf, storedText, tags, text, time, userId, yesOrNoInQuery } from "../fields.ts";

/** Filters combine: each narrows. In a query a list is a repeated parameter (`tag=org:acme&tag=type:admin`). */
export const FILTER = {
  /** Default: all. */
  state: oneOf(SESSION_STATES).optional(),
  /** The whole user id. */
  userId: userId.optional(),
  /** An address, or a CIDR such as 203.0.113.0/24: matches the login, the last use and all events. */
  ip: text(64).optional(),
  /** The session must have all of them. */
  tag: tags.optional(),
  /** Unix seconds, from (inclusive) and to (exclusive). */
  createdFrom: time.optional(),
  createdTo: time.optional(),
  endedFrom: time.optional(),
  endedTo: time.optional(),
  /** As it appears in answers: "Chrome", "Firefox", "Safari". This and the next two match the login and all events. */
  browser: storedText(64).optional(),
  /** "macOS", "Windows", "Android". */
  os: storedText(64).optional(),
  deviceType: oneOf(DEVICE_TYPES).optional(),
  /** Whether a device key is bound. */
  bound: yesOrNoInQuery.optional(),
  /** The RFC 7638 thumbprint of the bound device key. */
  deviceKey: storedText(64).optional(),
  /** What makes them suspicious. */
  flag: oneOf(FLAG_FILTERS).optional(),
  endReason: oneOf(END_REASONS).optional(),
  /** Sessions that lived at this time. */
  activeAt: time.optional(),
  /**
   * Sessions with this event between the two times, which are at most 31 days apart. Default: the last day. The address,
   * browser, system and kind of device are then those of the event.
   */
  event: oneOf(SESSION_EVENTS).optional(),
  eventFrom: time.optional(),
  eventTo: time.optional(),
};

export const sessionFilter = z.strictObject(FILTER);
export type SessionFilter = z.output<typeof sessionFilter>;
