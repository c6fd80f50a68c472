/** The answer of `webhooks/list`. */
export interface WebhookList {
  items: WebhookInfo[];
  /** All types of events that can be chosen. */
  types: string[];
  /** All reasons for the end of a session. */
  endReasons: string[];
  /** False without ENCRYPTION_KEY: secrets are stored encrypted only. */
  canBeCreated: boolean;
}

export interface WebhookInfo {
  id: string;
  name: string;
  url: string;
  /** Null: every type. */
  types: readonly string[] | null;
  /** Which ends of sessions; null: all. */
  endReasons: readonly string[] | null;
  /** Only events of sessions with one of these tags; null: all events. */
  tags: readonly string[] | null;
  /** Whether addresses and user agents are sent too. */
  sendsClient: boolean;
  isDisabled: boolean;
  createdAt: number;
  /** Until when the previous secret signs too. */
  previousUntil: number | null;
  /** Deliveries that wait, and that were given up; 1000 stands for more, too. */
  waiting: number;
  givenUp: number;
}

/** The answer of `webhooks/create` and `webhooks/rotate-secret`. */
export interface WebhookSecret {
  id: string;
  /** Shown only now; it cannot be read again. */
  secret: string;
}

/** The answer of `webhooks/test`. */
export interface WebhookTest {
  isDelivered: boolean;
  /** Null: there was no answer. */
  status: number | null;
  error: string | null;
}

/** The answer of `webhooks/deliveries`, the newest first. */
export interface WebhookDeliveryPage {
  items: WebhookDelivery[];
  next: string | null;
}

export interface WebhookDelivery {
  id: string;
  /** The `webhook-id` that the receiver sees. */
  messageId: string;
  type: string;
  sessionId: string | null;
  createdAt: number;
  state: "waiting" | "delivered" | "given-up";
  attempts: number;
  dueAt: number | null;
  deliveredAt: number | null;
  /** Of the last attempt. */
  status: number | null;
  error: string | null;
}

export interface WebhookReplay {
  /** How many are sent again. */
  replayed: number;
  /** Whether there are more. */
  hasMore: boolean;
}
