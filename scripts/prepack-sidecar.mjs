// Runs before the sidecar is packed: its package contains the built dashboard and an empty database.
import { buildDashboard } from "./dashboard.mjs";
import { buildCluster } from "./embedded.mjs";

await Promise.all([buildDashboard(), buildCluster()]);
