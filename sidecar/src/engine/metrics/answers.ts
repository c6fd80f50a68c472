import { Counter, type Registry } from "@prometheus-io/client";
import type { AnswerRoute, CountAnswer } from "../requests/answers.ts";

/** Counts answers. Looking up a series by its labels costs more than counting, so that is left to the scrape. */
export function createAnswerCounter(registry: Registry): CountAnswer {
  const counts = new Map<AnswerRoute, Map<number | "unsent", number>>();
  new Counter({
    name: "byo_answers_total",
    help: "All answers, by route and status. unsent: the other end left before it had all of the answer.",
    labelNames: ["route", "status"],
    registers: [registry],
    collect() {
      this.reset();
      for (const [route, statuses] of counts) {
        for (const [status, count] of statuses) this.inc({ route, status: String(status) }, count);
      }
    },
  });
  return (route, status) => {
    let statuses = counts.get(route);
    if (!statuses) {
      statuses = new Map();
      counts.set(route, statuses);
    }
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  };
}
