import { Counter, type Registry } from "@prometheus-io/client";
import type { AnswerRoute, CountAnswer } from "../requests/answers.ts";

/** Counts answers. Looking up a series by its labels costs more than counting, so that is left to the scrape. */
export function createAnswerCounter(registry: Registry): CountAnswer {
  // A series that begins with 1 has not grown, as far as Prometheus knows: what alerts look for begins with 0.
  const counts = new Map(COMMANDS.map((route) => [route, startingCounts()]));
  new Counter({
    name: "byo_answers_total",
    help: "All answers, by route and status. unsent: the client left before it received the whole answer.",
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
      statuses = startingCounts();
      counts.set(route, statuses);
    }
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  };
}

const COMMANDS: AnswerRoute[] = ["run-command", "frame", "fast-path", "jwks", "other"];

function startingCounts(): Map<number | "unsent", number> {
  return new Map([
    [500, 0],
    [503, 0],
  ]);
}
