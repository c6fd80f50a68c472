import classes from "./badge.module.css";

export type BadgeColor = "gray" | "violet" | "yellow" | "orange" | "red" | "teal";

interface BadgeProps {
  color: BadgeColor;
  children: string;
}

/** One word or two about a session. A list has many, so it is plain markup. */
export function Badge({ color, children }: BadgeProps) {
  return <span className={`${classes.badge} ${classes[color]}`}>{children}</span>;
}
