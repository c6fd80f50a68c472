import type { Slices } from "./parts/requests.ts";
import { cpuOf, medianOf } from "./slices.ts";

const ROW_PX = 26;
const LABEL_PX = 330;
const BARS_PX = 460;
const MARGIN_PX = 12;
const PARTS = [
  { pick: "appUs", name: "app", colour: "#3b6fb6" },
  { pick: "sidecarUs", name: "sidecar", colour: "#e0872c" },
  { pick: "storeUs", name: "store", colour: "#7a7a7a" },
] as const;

/** A bar chart of every contestant's CPU per request, cheapest first. Readable on light and dark pages. */
export function chartOf(requests: readonly Slices[]): string {
  const rows = requests.filter(({ measured }) => measured.length > 0).sort((a, b) => cpuOf(a) - cpuOf(b));
  const scale = BARS_PX / Math.max(1, ...rows.map(cpuOf));
  const width = LABEL_PX + BARS_PX + 90;
  const height = (rows.length + 1) * ROW_PX + 2 * MARGIN_PX;
  const legend = PARTS.map(
    ({ name, colour }, index) =>
      `<rect x="${LABEL_PX + index * 90}" y="${MARGIN_PX}" width="12" height="12" fill="${colour}"/>` +
      `<text x="${LABEL_PX + index * 90 + 18}" y="${MARGIN_PX + 11}">${name}</text>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" font-family="sans-serif" font-size="13">`,
    "<title>CPU microseconds of one request, by server</title>",
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...legend,
    ...rows.map((slices, index) => bar(slices, MARGIN_PX + (index + 1) * ROW_PX, scale)),
    "</svg>\n",
  ].join("\n");
}

function bar(slices: Slices, y: number, scale: number): string {
  let x = LABEL_PX;
  const rects = PARTS.map(({ pick, colour }) => {
    const width = medianOf(slices.measured, (slice) => slice[pick]) * scale;
    const rect = `<rect x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="16" fill="${colour}"/>`;
    x += width;
    return rect;
  });
  const label = `<text x="${LABEL_PX - 8}" y="${y + 13}" text-anchor="end">${escaped(slices.name)}</text>`;
  const total = `<text x="${(x + 6).toFixed(1)}" y="${y + 13}">${Math.round(cpuOf(slices))} us</text>`;
  return [label, ...rects, total].join("");
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
