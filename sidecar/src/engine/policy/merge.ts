import { SETTINGS } from "./settings.ts";
import { stricter } from "./strictness.ts";
import type { SessionSettings, SettingName } from "./values.ts";

/** The settings of one tag, or of the defaults. */
export interface SettingsLayer {
  readonly source: string;
  /** The layer with the lowest rank that sets a value decides it. */
  readonly rank: number;
  readonly settings: Readonly<Partial<SessionSettings>>;
}

export interface Sourced<T> {
  value: T;
  /** For a value made from several layers, such as intersected allowlists: their names, separated by commas. */
  source: string;
}

/** Merges a setting over all layers: the lowest rank wins, and among equal ranks the stricter value. */
export function mergeSetting<K extends SettingName>(
  name: K,
  layers: readonly SettingsLayer[],
): Sourced<SessionSettings[K]> | undefined {
  let winner: (Sourced<SessionSettings[K]> & { rank: number }) | undefined;
  for (const { source, rank, settings } of layers) {
    const value: SessionSettings[K] | undefined = settings[name];
    if (value === undefined || (winner && winner.rank < rank)) continue;
    winner =
      !winner || rank < winner.rank ? { value, source, rank } : { ...together(name, winner, { value, source }), rank };
  }
  return winner && { value: winner.value, source: winner.source };
}

function together<K extends SettingName>(
  name: K,
  a: Sourced<SessionSettings[K]>,
  b: Sourced<SessionSettings[K]>,
): Sourced<SessionSettings[K]> {
  const value = stricter(SETTINGS[name], a.value, b.value);
  if (value === a.value) return { value, source: a.source };
  return { value, source: value === b.value ? b.source : `${a.source}, ${b.source}` };
}
