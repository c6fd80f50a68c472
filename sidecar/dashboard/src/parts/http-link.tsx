import { Anchor } from "@mantine/core";

/** Only these become links: `javascript:` in untrusted text must stay text. */
export function isHttpUrl(value: unknown): value is string {
  return typeof value === "string" && /^https?:\/\//i.test(value) && URL.canParse(value);
}

/** A link to another site, without a referrer. */
export function HttpLink({ href }: { href: string }) {
  if (!isHttpUrl(href)) return href;
  return (
    <Anchor href={href} target="_blank" rel="noreferrer noopener" display="block" size="sm">
      {href}
    </Anchor>
  );
}
