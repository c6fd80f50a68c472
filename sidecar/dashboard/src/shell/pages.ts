import {
  IconChartLine,
  IconDevices,
  IconHistory,
  IconSettings,
  IconShieldLock,
  IconUserShield,
} from "@tabler/icons-react";

/** The pages of the navigation, in its order. */
export const PAGES = [
  { to: "/sessions", name: "Sessions", Icon: IconDevices },
  { to: "/impersonations", name: "Impersonation", Icon: IconUserShield },
  { to: "/overview", name: "Overview", Icon: IconChartLine },
  { to: "/policies", name: "Policies", Icon: IconShieldLock },
  { to: "/settings", name: "Settings", Icon: IconSettings },
  { to: "/log", name: "Dashboard log", Icon: IconHistory },
] as const;
