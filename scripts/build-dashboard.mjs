// Runs before the sidecar is packed, because its package contains the built dashboard.
import { buildDashboard } from "./dashboard.mjs";

buildDashboard();
