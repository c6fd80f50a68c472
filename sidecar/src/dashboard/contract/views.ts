import type { SessionFilter } from "../sessions/filter-input.ts";

/** The answer of `views/list`: the person's own views and those that are shared. */
export interface SavedViews {
  items: SavedView[];
}

export interface SavedView {
  id: string;
  name: string;
  filter: SessionFilter;
  /** Whether everybody sees it. */
  isShared: boolean;
  owner: string;
  mayDelete: boolean;
}
