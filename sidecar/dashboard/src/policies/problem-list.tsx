import { Alert, List } from "@mantine/core";
import type { PolicyProblem } from "../../../src/dashboard/contract/policies.ts";

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
        {problems.map(({ line, message }) => (
          <List.Item key={`${line} ${message}`}>
            {line !== null && <strong>Line {line}: </strong>}
            {message}
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}
