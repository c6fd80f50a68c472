import { Alert, List } from "@mantine/core";
import type { PolicyProblem } from "../../../src/dashboard/contract/policies.ts";
import { nameOfLayer } from "./catalogue.ts";

interface ProblemListProps {
  problems: PolicyProblem[];
  warnings: PolicyProblem[];
}

export function ProblemList({ problems, warnings }: ProblemListProps) {
  return (
    <div aria-live="polite">
      {problems.length > 0 && <Problems title="Fix these problems before you save" color="red" problems={problems} />}
      {warnings.length > 0 && <Problems title="Warnings" color="yellow" problems={warnings} />}
    </div>
  );
}

function Problems({ title, color, problems }: { title: string; color: string; problems: PolicyProblem[] }) {
  return (
    <Alert variant="light" color={color} title={title} mt="xs">
      <List size="sm">
        {problems.map((problem) => (
          <List.Item key={`${problem.line} ${problem.message}`}>
            <strong>{placeOf(problem)}</strong>
            {problem.message}
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}

function placeOf({ line, layer, setting }: PolicyProblem): string {
  const parts = [
    ...(line === null ? [] : [`Line ${line}`]),
    ...(layer ? [nameOfLayer(layer)] : []),
    ...(setting === null ? [] : [setting]),
  ];
  return parts.length === 0 ? "" : `${parts.join(", ")}: `;
}
