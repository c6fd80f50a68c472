import { Link } from "react-router";
import { visibleText } from "../format/visible.ts";
import { sessionsPath } from "./filters.ts";
import classes from "./tag-list.module.css";

/** Tags; each links to its sessions. */
export function TagList({ tags }: { tags: string[] }) {
  if (tags.length === 0) return null;
  return (
    <ul className={classes.list} aria-label="Tags">
      {tags.map((tag) => (
        <li key={tag} className={classes.item}>
          <Link to={sessionsPath({ tag: [tag] })} className={classes.tag}>
            {visibleText(tag)}
          </Link>
        </li>
      ))}
    </ul>
  );
}
