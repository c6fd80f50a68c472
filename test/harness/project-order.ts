import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Small files that take long. By default the larger file starts first, and these would run alone at the end. */
const LONG = [
  "behaviour/dashboard/api/live-events",
  "behaviour/sidecar/policies/config-reload",
  "behaviour/sidecar/process/database-away",
  "behaviour/sidecar/webhooks/targets",
  "frameworks/client-inputs/",
  "frameworks/conformance/",
  "frameworks/live/",
  "frameworks/next/",
  "proofs/plans/",
  "proofs/resilience/crashes/",
];

/** Files start in the order of their projects in vitest.config.ts, by default in that of the names; the long ones first. */
export default class ProjectOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const projects = this.ctx.projects.map(({ name }) => name);
    const group = ({ project }: TestSpecification) => project.config.sequence.groupOrder;
    const place = ({ project }: TestSpecification) => projects.indexOf(project.name);
    const rank = ({ moduleId }: TestSpecification) => (LONG.some((part) => moduleId.includes(`/test/${part}`)) ? 0 : 1);
    return (await super.sort(files)).sort((a, b) => group(a) - group(b) || place(a) - place(b) || rank(a) - rank(b));
  }
}
