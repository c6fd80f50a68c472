// A page that refreshes itself must not keep a login alive: only a person's actions count as use.
let hasActed = true;

for (const event of ["pointerdown", "keydown", "wheel", "touchstart"]) {
  addEventListener(event, () => (hasActed = true), { capture: true, passive: true });
}

/** Whether a person has used the page since the last call of this function. */
export function takePersonActed(): boolean {
  const acted = hasActed;
  hasActed = false;
  return acted;
}
