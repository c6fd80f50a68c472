import type { ReactNode } from "react";

interface ScrollBoxProps {
  label: string;
  className?: string;
  children: ReactNode;
}

/** Content that may be taller than its place. What scrolls must be reachable by the keyboard, and so has a name. */
export function ScrollBox({ label, className, children }: ScrollBoxProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys scroll it once it has the focus
    <section className={className} tabIndex={0} aria-label={label}>
      {children}
    </section>
  );
}
