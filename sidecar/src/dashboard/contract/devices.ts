import type { SessionDevice } from "./sessions.ts";

/** A device that a user has used: remembered, bound to sessions by its key, or both. Times in Unix seconds. */
export interface DeviceUse {
  device: SessionDevice;
  firstSeenAt: number;
  lastSeenAt: number;
  isRemembered: boolean;
  /** The user's sessions that are bound to it, and how many of them are active. */
  sessions: number;
  active: number;
}

export interface UserDevice extends DeviceUse {
  /** The RFC 7638 thumbprint of its key. */
  thumbprint: string;
  /** How many other users it was remembered for or bound to. */
  otherUsers: number;
}

/** The answer of `devices/of-user`: the one seen last is the first. */
export interface UserDevices {
  devices: UserDevice[];
  hasMore: boolean;
}

export interface DeviceUser extends DeviceUse {
  userId: string;
}

/** The answer of `devices/users`: the one who used it last is the first. */
export interface DeviceUsers {
  users: DeviceUser[];
  /** There are more users, or sessions that were not counted. */
  isCapped: boolean;
}
