// Before the sidecar is packed: its package holds the dashboard as built.
import { buildDashboard } from "./dashboard.mjs";

buildDashboard();
