import { NavLink } from "react-router";
import { PAGES } from "./pages.ts";
import classes from "./shell.module.css";

export function NavLinks({ onFollow }: { onFollow?: () => void }) {
  return (
    <ul className={classes.links}>
      {PAGES.map(({ to, name, Icon }) => (
        <li key={to}>
          <NavLink to={to} className={classes.link} onClick={onFollow}>
            <Icon size={18} stroke={1.75} aria-hidden />
            {name}
          </NavLink>
        </li>
      ))}
    </ul>
  );
}
