export interface PageLife {
  /** Someone looks at the page again. */
  onReturn(): void;
  /** The network is back while someone looks at the page. */
  onOnline(): void;
  /** The page is left; it may come back unchanged from the back/forward cache. */
  onHide(): void;
  /** The page is back from the cache, and shows what it knew when it was left. */
  onRestore(): void;
}

/** Nothing here runs for a hidden page: a request would keep an idle user's session active. */
export function watchPage({ onReturn, onOnline, onHide, onRestore }: PageLife): () => void {
  const watching = new AbortController();
  const { signal } = watching;
  const whenVisible = (act: () => void) => () => document.visibilityState === "visible" && act();
  window.addEventListener("focus", whenVisible(onReturn), { signal });
  document.addEventListener("visibilitychange", whenVisible(onReturn), { signal });
  window.addEventListener("online", whenVisible(onOnline), { signal });
  window.addEventListener("pagehide", onHide, { signal });
  window.addEventListener("pageshow", ({ persisted }) => persisted && onRestore(), { signal });
  return () => watching.abort();
}

/** Whether the browser took this page from its cache on the way back: its content may be long outdated. */
export function isOldCopy(): boolean {
  // Test environments do not have this.
  if (typeof PerformanceNavigationTiming === "undefined") return false;
  const [entry] = performance.getEntriesByType("navigation");
  return entry instanceof PerformanceNavigationTiming && entry.type === "back_forward" && entry.transferSize === 0;
}
