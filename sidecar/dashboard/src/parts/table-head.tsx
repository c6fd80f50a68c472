import { Table, VisuallyHidden } from "@mantine/core";

interface TableHeadProps {
  names: readonly string[];
  /** More columns, with the class that hides them on a small screen. */
  wide?: { names: readonly string[]; className: string | undefined };
  /** Whether the last column has buttons. */
  hasActions?: boolean;
}

/** The header row of a table. */
export function TableHead({ names, wide, hasActions = false }: TableHeadProps) {
  return (
    <Table.Thead>
      <Table.Tr>
        {names.map((name) => (
          <Table.Th key={name}>{name}</Table.Th>
        ))}
        {wide?.names.map((name) => (
          <Table.Th key={name} className={wide.className}>
            {name}
          </Table.Th>
        ))}
        {hasActions && (
          <Table.Th>
            <VisuallyHidden>Actions</VisuallyHidden>
          </Table.Th>
        )}
      </Table.Tr>
    </Table.Thead>
  );
}
