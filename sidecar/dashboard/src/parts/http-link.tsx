import { Anchor } from "@mantine/core";

/** Only these may become a link: `javascript:` in what a stranger wrote must stay text. */
export function isHttpUrl(value: unknown): value is string {
  return typeof value === "string" && /^https?:\/\//i.test(value) && URL.canParse(value);
}

/** A link to another site that learns nothing of where it was followed. */
export function HttpLink({ href }: { href: string }) {
  if (!isHttpUrl(href)) return href;
  return (
    <Anchor href={href} target="_blank" rel="noreferrer noopener" display="block" size="sm">
      {href}
    </Anchor>
  );
}
