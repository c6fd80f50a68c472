import { COMMAND_NAMES, COMMANDS } from "@byo-session/core/contract";

/** The document with its table of commands, written from the contract's table. */
export function withCommands(text: string): string {
  const rows = COMMAND_NAMES.map((name) => {
    const { does, errors, isOurs, isRepeatable } = COMMANDS[name];
    const listed = errors.map((error) => `\`${error}\``).join(", ");
    return `| \`${name}\`${isOurs ? " (ours)" : ""} | ${does} | ${listed} | ${isRepeatable ? "yes" : ""} |`;
  });
  const table = ["| command | | errors of its own | may be sent twice |", "| --- | --- | --- | --- |", ...rows].join(
    "\n",
  );
  return text.replace(/\| command \|[\s\S]*?\n(?=\n)/, `${table}\n`);
}
