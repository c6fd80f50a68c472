import type { PresentedToken, Recollection } from "@byo-session/core";

/** The request header in which the proxy tells the server what it has found out. It never reaches a browser. */
export const HANDOVER_HEADER = "x-byo-session";

/** What the proxy says of a request. */
export interface Handover {
  readonly outcome: Recollection;
  readonly clientIp?: string | undefined;
  /** The proxy's response sets or clears the cookie: no cache may keep what the server makes of it. */
  readonly setsCookie: boolean;
  /** As `toldOptions` makes them. */
  readonly options: string;
}

/** The request that a hand-over is made for. */
export interface Destination {
  readonly method: string;
  /** The path that was asked for, and the one that the request is rewritten to: Next tells the server the one or the other. */
  readonly paths: readonly string[];
}

/** The request that it is opened for. */
export interface Place {
  /** Undefined where Next does not tell it, and only there. */
  readonly method: string | undefined;
  readonly path: string;
}

export interface OpenedHandover extends Handover {
  /** Whether it speaks of the request with just these tokens. */
  isAbout(tokens: readonly PresentedToken[]): Promise<boolean>;
}

export interface HandoverSigner {
  seal(handover: Handover, destination: Destination, tokens: readonly PresentedToken[]): Promise<string>;
  /** Undefined for what is forged, too old, or was sealed for another place. */
  open(sealed: string, place: Place): Promise<OpenedHandover | undefined>;
}

interface Payload extends Handover, Destination {
  /** Of the presented tokens. */
  readonly hash: string;
  readonly untilMs: number;
}

const SERVES_MS = 30_000;
/** Servers refuse requests whose headers are too large; 16 KiB in all is what Node takes. */
const MAX_CHARS = 4096;

/** `secret` is what the proxy and the server share. Web APIs only: a proxy may run on an edge runtime. */
export function createHandoverSigner(secret: string, nowMs: () => number): HandoverSigner {
  let key: Promise<CryptoKey> | undefined;
  const signingKey = () => {
    key ??= deriveKey(secret);
    return key;
  };

  async function sign(payload: Payload): Promise<string> {
    const text = toBase64Url(encode(JSON.stringify(payload)));
    const signature = await crypto.subtle.sign("HMAC", await signingKey(), encode(text));
    return `${text}.${toBase64Url(new Uint8Array(signature))}`;
  }

  async function verified(sealed: string): Promise<Payload | undefined> {
    const [text = "", signature = "", ...more] = sealed.split(".");
    const [json, bytes] = [fromBase64Url(text), fromBase64Url(signature)];
    if (sealed.length > MAX_CHARS || more.length > 0 || !json || !bytes) return undefined;
    const isOurs = await crypto.subtle.verify("HMAC", await signingKey(), bytes, encode(text));
    return isOurs ? JSON.parse(new TextDecoder().decode(json)) : undefined;
  }

  return {
    async seal(handover, destination, tokens) {
      const payload = { ...handover, ...destination, hash: await hashOf(tokens), untilMs: nowMs() + SERVES_MS };
      const sealed = await sign(payload);
      const { outcome } = handover;
      if (sealed.length <= MAX_CHARS || outcome.session === null || outcome.session === "validated") return sealed;
      const { deviceEvidence } = outcome.session;
      return sign({ ...payload, outcome: { session: "validated", deviceEvidence } });
    },

    async open(sealed, { method, path }) {
      const payload = await verified(sealed);
      if (!payload?.paths.includes(path) || (method !== undefined && payload.method !== method)) return undefined;
      const leftMs = payload.untilMs - nowMs();
      if (leftMs <= 0 || leftMs > SERVES_MS) return undefined;
      return { ...payload, isAbout: async (tokens) => payload.hash === (await hashOf(tokens)) };
    },
  };
}

/** Next serves a HEAD by what serves the GET, and does not tell a page which of them it is. */
export function comparableMethod(method: string): string {
  return method === "HEAD" ? "GET" : method;
}

/** HKDF (RFC 5869): the integration key itself signs nothing. */
async function deriveKey(secret: string): Promise<CryptoKey> {
  const material = await crypto.subtle.importKey("raw", encode(secret), "HKDF", false, ["deriveKey"]);
  const info = encode("byo-session hand-over from proxy to server, version 1");
  const hkdf = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info };
  return crypto.subtle.deriveKey(hkdf, material, { name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"]);
}

async function hashOf(tokens: readonly PresentedToken[]): Promise<string> {
  const text = tokens.map(({ token }) => token).join("\n");
  return toBase64Url(new Uint8Array(await crypto.subtle.digest("SHA-256", encode(text))));
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

function toBase64Url(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  const base64 = btoa(text);
  return base64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^[\w-]+$/.test(text) || text.length % 4 === 1) return undefined;
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
}
