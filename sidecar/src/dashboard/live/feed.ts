import type { Queryable } from "../../engine/db/database.ts";
import type { LoginSettings } from "../access/logins.ts";
import type { Login } from "../caller.ts";
import type { TimelineEvent } from "../contract/sessions.ts";
import { withSessions } from "../events/sessions-of-events-store.ts";
import type { EventRow } from "../events/store.ts";
import { timelineEvent } from "../events/timeline-event.ts";
import { Refusal } from "../refusal.ts";
import { askLive, type LiveAnswer, MAX_LIVE_EVENTS } from "./store.ts";
import { createLiveStream, type LiveStream } from "./stream.ts";

/** What a page is about; neither: everything. */
export interface LiveSubject {
  sessionId?: string | undefined;
  userId?: string | undefined;
}

/** The open pages of this replica. However many there are, one query answers all of them. */
export interface LiveFeed {
  /** Throws a `Busy` refusal if too many are open. */
  open(login: Login, subject: LiveSubject): LiveStream;
  /** Ends all streams, and takes no more. */
  close(): void;
}

interface LiveFeedDependencies {
  db: Queryable;
  loginSettings: () => LoginSettings;
  onError: (error: unknown) => void;
}

interface Page {
  loginId: string;
  personId: string;
  subject: LiveSubject;
  stream: LiveStream;
  /** How often each recent event had happened when it was last sent, by the event's id. */
  sent: Map<string, number>;
  /** The newest event of all when the page was last told that something changed. */
  toldId: string | undefined;
}

const TICK_MS = 3_000;
/** How often a page about everything is told at most, and how often a silent one is shown that the stream lives. */
const TICKS_BETWEEN_TELLING = 2;
const TICKS_BETWEEN_SIGNS = 5;
const MAX_PAGES = 200;
const MAX_PAGES_OF_PERSON = 10;
const MAX_SENT_AT_ONCE = 100;

export function createLiveFeed({ db, loginSettings, onError }: LiveFeedDependencies): LiveFeed {
  const pages = new Set<Page>();
  let timer: NodeJS.Timeout | undefined;
  let ticks = 0;
  let isClosed = false;

  function schedule(): void {
    if (timer !== undefined || isClosed || pages.size === 0) return;
    timer = setTimeout(() => void tick(), TICK_MS).unref();
  }

  async function tick(): Promise<void> {
    ticks++;
    try {
      // Not those that open while the database is asked: the answer knows nothing of them.
      const asking = [...pages];
      const answer = await ask(asking);
      await Promise.all(asking.map((page) => serve(page, answer)));
    } catch (error) {
      onError(error);
      // The pages ask on their own what is wrong, and connect again when the answer is there.
      endAll();
    }
    timer = undefined;
    schedule();
  }

  function ask(asking: readonly Page[]): Promise<LiveAnswer> {
    const ids = (of: (page: Page) => string | undefined) => [...new Set(asking.flatMap((page) => of(page) ?? []))];
    return askLive(db, {
      sessionIds: ids(({ subject }) => subject.sessionId),
      userIds: ids(({ subject }) => subject.userId),
      loginIds: ids(({ loginId }) => loginId),
      ...loginSettings(),
    });
  }

  async function serve(page: Page, { latestId, loginIds, events }: LiveAnswer): Promise<void> {
    if (!loginIds.includes(page.loginId)) return page.stream.close();
    if (ticks % TICKS_BETWEEN_SIGNS === 0) page.stream.keepAlive();
    const { sessionId, userId } = page.subject;
    if (sessionId === undefined && userId === undefined) {
      if (page.toldId !== latestId && ticks % TICKS_BETWEEN_TELLING === 0) {
        page.stream.send("changed", {});
        page.toldId = latestId;
      }
      return;
    }
    const ofPage = events.filter((row) =>
      sessionId === undefined ? row.userId === userId : row.sessionId === sessionId,
    );
    const news = ofPage.filter(({ id, count }) => page.sent.get(id) !== count);
    page.sent = new Map(ofPage.map(({ id, count }) => [id, count]));
    if (news.length > MAX_SENT_AT_ONCE || events.length >= MAX_LIVE_EVENTS) page.stream.send("changed", {});
    else if (news.length > 0) page.stream.send("events", { items: await shown(news, userId) });
  }

  async function shown(rows: readonly EventRow[], userId: string | undefined): Promise<TimelineEvent[]> {
    const items = rows.map(timelineEvent).reverse();
    return userId === undefined ? items : withSessions(db, items);
  }

  function endAll(): void {
    for (const page of pages) page.stream.close();
    pages.clear();
  }

  return {
    open({ id: loginId, userId: personId }, subject) {
      const ofPerson = [...pages].filter((page) => page.personId === personId).length;
      if (isClosed || pages.size >= MAX_PAGES || ofPerson >= MAX_PAGES_OF_PERSON) {
        throw new Refusal({ type: "Busy", message: "Too many pages are open. This one asks again by itself." });
      }
      const page: Page = { loginId, personId, subject, stream: createLiveStream(), sent: new Map(), toldId: undefined };
      pages.add(page);
      page.stream.readable.once("close", () => pages.delete(page));
      schedule();
      return page.stream;
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
      endAll();
    },
  };
}
