/** The address of a user's page. */
export function userPath(userId: string): string {
  return `/user?id=${encodeURIComponent(userId)}`;
}

/** The address of a device's page. */
export function devicePath(thumbprint: string): string {
  return `/device?key=${encodeURIComponent(thumbprint)}`;
}
