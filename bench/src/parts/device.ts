import { createHash, generateKeyPairSync, type KeyObject, randomUUID, sign, verify } from "node:crypto";
import { type Cpu, clientOf, cpuOfEach, doAll } from "../drive.ts";
import type { Options } from "../options.ts";
import type { Servers } from "../servers.ts";
import { median, shuffled } from "../statistics.ts";

/** A way to validate a session. `proof` says how the validation is bound to its request. */
interface Way {
  name: string;
  proof: "none" | "reusable" | "single-use";
}

/** The CPU of each kind of validation, and of one bare verification, in microseconds. */
export interface DeviceCost {
  bareUs: number;
  ways: ({ name: string } & Cpu)[];
}

interface Device {
  privateKey: KeyObject;
  publicKey: KeyObject;
  header: string;
}

const WAYS: readonly Way[] = [
  { name: "a session without a device", proof: "none" },
  { name: "with a device, a proof for any request", proof: "reusable" },
  { name: "with a device, a single-use proof", proof: "single-use" },
];
const SESSIONS = 32;
const REQUESTS = 4000;
const WARM_UP_REQUESTS = 1000;
/** As many as the connections under full load. */
const AT_ONCE = 32;
const VERIFICATIONS = 4000;
const REQUEST = { requestUrl: "https://app.example.com/api/notes", requestMethod: "POST" };

/** How much CPU a device adds to a validation, compared with one bare ES256 verification. */
export async function measureDevice(servers: Servers, { repeats }: Options): Promise<DeviceCost> {
  const slices = new Map<Way, Cpu[]>(WAYS.map((way) => [way, []]));
  const bare: number[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    for (const way of shuffled(WAYS)) slices.get(way)?.push(await measureWay(way, servers));
    bare.push(bareVerificationUs());
  }
  const ways = WAYS.map((way) => {
    const of = (pick: (cpu: Cpu) => number) => median((slices.get(way) ?? []).map(pick));
    return { name: way.name, sidecarUs: of((cpu) => cpu.sidecarUs), postgresUs: of((cpu) => cpu.postgresUs) };
  });
  return { bareUs: median(bare), ways };
}

/**
 * One slice. The work of the browser and the application happens before, or is not counted: this process plays both.
 */
async function measureWay({ proof }: Way, servers: Servers): Promise<Cpu> {
  const sidecar = servers.sidecars.default;
  const { session, close } = clientOf(sidecar, servers);
  const { deviceChallenge } = (await session.device.createChallenge({})).getOrThrow();
  const sessions = await Promise.all(Array.from({ length: SESSIONS }, logIn));
  const requests = Array.from({ length: WARM_UP_REQUESTS + REQUESTS }, (_, at) => {
    const { device, sessionToken } = sessions[at % SESSIONS] ?? never();
    return { sessionToken, ...verification(device) };
  });
  const send = (all: typeof requests) =>
    doAll(all, AT_ONCE, async (data) => (await session.validate(data)).getOrThrow());
  await send(requests.slice(0, WARM_UP_REQUESTS));
  const cpu = await cpuOfEach(REQUESTS, sidecar, servers, () => send(requests.slice(WARM_UP_REQUESTS)));
  await close();
  return cpu;

  async function logIn() {
    const device = createDevice();
    const deviceRegistration = { signedDeviceChallenge: prove(device, deviceChallenge), ...REQUEST };
    const data = { userId: randomUUID(), ...(proof !== "none" && { deviceRegistration }) };
    return { device, sessionToken: (await session.create(data)).getOrThrow().sessionToken };
  }

  function verification(device: Device) {
    if (proof === "none") return {};
    const signedDeviceChallenge = prove(device, deviceChallenge);
    return { deviceVerification: { signedDeviceChallenge, ...(proof === "single-use" && REQUEST) } };
  }
}

function never(): never {
  throw new Error("expected a session");
}

function createDevice(): Device {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return {
    privateKey,
    publicKey,
    header: encode({ typ: "dpop+jwt", alg: "ES256", jwk: publicKey.export({ format: "jwk" }) }),
  };
}

/** A DPoP proof (RFC 9449, section 4.2). */
function prove({ privateKey, header }: Device, challenge: string): string {
  const iat = Math.floor(Date.now() / 1000);
  const claims = { jti: randomUUID(), htm: REQUEST.requestMethod, htu: REQUEST.requestUrl, iat, nonce: challenge };
  const text = `${header}.${encode(claims)}`;
  const signature = sign("sha256", Buffer.from(text), { key: privateKey, dsaEncoding: "ieee-p1363" });
  return `${text}.${signature.toString("base64url")}`;
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

/**
 * The cost of only verifying: a signature over a text of a proof's length as Node documents it, with the key imported.
 * (With DER signatures, as in the sidecar, it takes two thirds of that.)
 */
function bareVerificationUs(): number {
  const device = createDevice();
  const proof = prove(device, createHash("sha512").update("challenge").digest("base64url"));
  const text = Buffer.from(proof.slice(0, proof.lastIndexOf(".")));
  const signature = Buffer.from(proof.slice(proof.lastIndexOf(".") + 1), "base64url");
  const key = { key: device.publicKey, dsaEncoding: "ieee-p1363" } as const;
  const before = process.cpuUsage();
  for (let count = 0; count < VERIFICATIONS; count++) {
    if (!verify("sha256", text, key, signature)) throw new Error("expected a valid signature");
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / VERIFICATIONS;
}
