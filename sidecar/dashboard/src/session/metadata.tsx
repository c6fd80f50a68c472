import type { SessionDetail } from "../../../src/dashboard/contract/sessions.ts";
import { HttpLink, isHttpUrl } from "../parts/http-link.tsx";
import { ScrollBox } from "../parts/scroll-box.tsx";
import classes from "./session-facts.module.css";

/** The app's metadata of the session: any JSON. */
export function Metadata({ metadata }: Pick<SessionDetail, "metadata">) {
  if (metadata === null) return "None";
  const links = typeof metadata === "object" ? Object.values(metadata).filter(isHttpUrl) : [];
  return (
    <>
      <ScrollBox label="Metadata as JSON" className={classes.json}>
        <pre>{JSON.stringify(metadata, null, 2)}</pre>
      </ScrollBox>
      {links.map((link) => (
        <HttpLink key={link} href={link} />
      ))}
    </>
  );
}
