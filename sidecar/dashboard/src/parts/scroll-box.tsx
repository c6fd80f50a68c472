import type { ReactNode } from "react";

interface ScrollBoxProps {
  label: string;
  className?: string;
  children: ReactNode;
}

/** A scrolling area. It must be reachable by the keyboard, so it has a name. */
export function ScrollBox({ label, className, children }: ScrollBoxProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys scroll it once it has the focus
    <section className={className} tabIndex={0} aria-label={label}>
      {children}
    </section>
  );
}
