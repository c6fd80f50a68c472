/**
 * What an integration key may do besides its commands. A key that is limited to some commands has only the capabilities
 * that it was given; a key for all commands has all of them.
 *
 * `device:ignore`: validate with `ignoreDeviceForVerification`, so that a session that is bound to a device passes
 * without a proof.
 */
export const KEY_CAPABILITIES = ["device:ignore"] as const;

export type KeyCapability = (typeof KEY_CAPABILITIES)[number];

export function isKeyCapability(name: string): name is KeyCapability {
  return KEY_CAPABILITIES.some((known) => known === name);
}
