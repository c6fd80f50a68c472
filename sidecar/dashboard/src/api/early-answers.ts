const KEPT_MS = 5_000;

const early = new Map<string, Promise<Response>>();

/** Keeps an answer for the first who asks for it, a few seconds at most: then it is too old to be shown. */
export function keepEarly(url: string, answer: Promise<Response>): void {
  early.set(url, answer);
  const forget = () => window.setTimeout(() => early.delete(url), KEPT_MS);
  answer.then(forget, forget);
}

/** An answer that was asked for early, if it is a success: anything else is asked for again, by who can show it. */
export async function takeEarly(url: string): Promise<Response | undefined> {
  const answer = early.get(url);
  if (!answer) return undefined;
  early.delete(url);
  const response = await answer.catch(() => undefined);
  return response?.ok ? response : undefined;
}
