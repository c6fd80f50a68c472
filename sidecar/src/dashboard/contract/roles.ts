/** The roles of people who use the dashboard, the most powerful first. */
export const ROLES = ["SuperAdmin", "Admin", "Editor", "ReadOnly"] as const;
export type Role = (typeof ROLES)[number];

/** What the roles are called on the screen. */
export const ROLE_NAMES: Readonly<Record<Role, string>> = {
  SuperAdmin: "Super admin",
  Admin: "Admin",
  Editor: "Editor",
  ReadOnly: "Read only",
};

/** Whether a person with this role may change, disable or reset one with the other role. */
export function mayManage(role: Role, other: Role): boolean {
  return role === "SuperAdmin" || (role === "Admin" && other !== "SuperAdmin");
}
