import { z } from "zod";
import { selectKeys } from "../../engine/keys/store.ts";
import { ADMINS, call, EVERYBODY } from "../call.ts";
import type { Role } from "../contract/roles.ts";
import type { SearchAnswer } from "../contract/search.ts";
import { storedText } from "../fields.ts";
import type { SharedCounts } from "../overview/shared-counts.ts";
import type { LivingContext } from "../search-context.ts";
import { find } from "./find.ts";
import { createSearchStore } from "./store.ts";

export interface FindContext extends LivingContext {
  sharedCounts: Pick<SharedCounts, "topTags">;
}

/** Finds what a person means by a text, from every page. */
export const SEARCH_CALLS = {
  /**
   * The beginning of a user id in any case, of a session id or of a device key (8 characters at least); an address or a
   * CIDR; a tag; for admins the name of an integration key.
   */
  "search/find": call({
    method: "GET",
    access: EVERYBODY,
    input: z.strictObject({ text: storedText(1024) }),
    async handler({ text }, { login }, context: FindContext): Promise<SearchAnswer> {
      const { boundedDb, sharedCounts, policies } = context;
      const wanted = text.trim();
      if (wanted === "") return { hits: [] };
      const [used, keys] = await Promise.all([
        sharedCounts.topTags(),
        maySeeKeys(login.role) ? selectKeys(boundedDb) : [],
      ]);
      const tags = [...policies.config().tags.map(({ tag }) => tag), ...used.map(({ tag }) => tag)];
      const known = { tags, keys: keys.map(({ name }) => name) };
      return { hits: await find(wanted, createSearchStore(boundedDb), known) };
    },
  }),
};

function maySeeKeys(role: Role): boolean {
  return ADMINS.some((admin) => admin === role);
}
