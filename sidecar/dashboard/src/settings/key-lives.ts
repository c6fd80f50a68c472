const DAY_SECS = 86_400;

/** How long a key can live, for a list to choose from. */
export const KEY_LIVES = [
  { value: "", label: "Never" },
  { value: String(30 * DAY_SECS), label: "In 30 days" },
  { value: String(90 * DAY_SECS), label: "In 90 days" },
  { value: String(365 * DAY_SECS), label: "In a year" },
];
