import type { TestProject } from "vitest/node";
import { setUpPostgres } from "./postgres.ts";

export default (project: TestProject) => setUpPostgres(project, "oldest");
