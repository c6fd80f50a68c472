import { visibleText } from "../format/visible.ts";
import classes from "./user-name.module.css";

/** The id of a user: any text, perhaps a thousand characters, or written from right to left. Three lines of it are shown. */
export function UserName({ id }: { id: string }) {
  return (
    <bdi className={classes.name} title={id}>
      {visibleText(id)}
    </bdi>
  );
}
