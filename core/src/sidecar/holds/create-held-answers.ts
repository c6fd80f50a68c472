import type { CommandData, RefreshedSession } from "../../contract/index.ts";
import { createEndOfTick } from "./end-of-tick.ts";
import type { HeldAnswers, Question } from "./held-answers.ts";
import type { HoldTable } from "./hold-table.ts";
import { changeOf } from "./own-changes.ts";

/** Of all clients in this process: what one of them changes, the others forget too. */
const ofThisProcess = new Set<HoldTable>();

/** Holds answers in the table until `close`. */
export function createHeldAnswers(table: HoldTable, tables = ofThisProcess): HeldAnswers & { close(): void } {
  tables.add(table);
  return {
    endOfTick: createEndOfTick(),
    find: (token, question) => table.find(token, question),
    begin(command, data) {
      if (command === "ValidateSession" || command === "ValidateAndRefreshSession") {
        const question: Question = data;
        const { asking } = table;
        return (answer, from) => {
          if (answer === undefined) table.refused(question);
          else table.keep(question, answer as RefreshedSession, asking, from);
        };
      }
      const change = changeOf(command, data as CommandData[typeof command]);
      if (!change) return undefined;
      const forget = () => {
        for (const each of tables) {
          each.noteChange();
          change(each);
        }
      };
      forget();
      return forget;
    },
    get counts() {
      return table.counts;
    },
    close() {
      tables.delete(table);
      table.forgetAll();
    },
  };
}
