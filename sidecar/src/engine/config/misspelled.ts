/** In shorter names, one or two letters make another word. */
const SHORTEST = 8;

/** What OpenSSL and others read: many images set them. */
const OF_OTHERS = ["SSL_CERT_FILE", "SSL_KEY_FILE"];

/**
 * Variables whose name is almost one of ours: one or two letters off, in other letters' case, or with BYO_ before it. Not
 * if the right one is set too: then they belong to another program.
 */
export function misspelled(set: readonly string[], known: readonly string[]): { name: string; meant: string }[] {
  return set
    .filter((name) => !known.includes(name) && !OF_OTHERS.includes(name))
    .flatMap((name) => {
      const plain = name.toUpperCase().replace(/^BYO_/, "");
      const meant = known.find((ours) => ours === plain) ?? known.find((ours) => isClose(plain, ours));
      return meant === undefined || set.includes(meant) ? [] : [{ name, meant }];
    });
}

function isClose(name: string, ours: string): boolean {
  return ours.length >= SHORTEST && Math.abs(name.length - ours.length) <= 2 && distance(name, ours) <= 2;
}

/** How many letters must be added, removed, replaced or exchanged with the next one (optimal string alignment). */
function distance(a: string, b: string): number {
  let [before, last]: [number[], number[]] = [[], Array.from({ length: b.length + 1 }, (_, at) => at)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = at(last, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const exchanged =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? at(before, j - 2) + 1 : replaced;
      row.push(Math.min(at(last, j) + 1, at(row, j - 1) + 1, replaced, exchanged));
    }
    [before, last] = [last, row];
  }
  return at(last, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
