const SIGNS = ["pointerdown", "keydown", "visibilitychange", "pageshow"] as const;

/** Calls back whenever something shows that someone uses the page. */
export function onUse(callback: () => void): void {
  for (const sign of SIGNS) {
    const target = sign === "pageshow" ? window : document;
    target.addEventListener(sign, callback);
  }
}
