import { createHash, generateKeyPairSync, type KeyObject, randomUUID, sign, verify } from "node:crypto";
import type { Surroundings } from "./measure.ts";
import { cpuOfTree } from "./processes.ts";
import { median } from "./report.ts";

/** A way to validate a session. `proof` says how the validation is bound to the request that carried it. */
interface Way {
  name: string;
  proof: "none" | "reusable" | "single-use";
}

interface Cpu {
  sidecarUs: number;
  postgresUs: number;
}

interface Device {
  privateKey: KeyObject;
  publicKey: KeyObject;
  header: string;
}

const WAYS: readonly Way[] = [
  { name: "a session without a device", proof: "none" },
  { name: "with a device, a proof for no certain request", proof: "reusable" },
  { name: "with a device, a proof that serves once", proof: "single-use" },
];
const SESSIONS = 32;
const REQUESTS = 4000;
const WARM_UP_REQUESTS = 1000;
const AT_ONCE = 16;
const VERIFICATIONS = 4000;
const REQUEST = { requestUrl: "https://app.example.com/api/notes", requestMethod: "POST" };

/** What a device adds to the CPU time of a validation, as a table, beside one bare verification of ES256. */
export async function reportDevice(servers: Surroundings, repeats: number): Promise<string> {
  const slices = new Map<Way, Cpu[]>(WAYS.map((way) => [way, []]));
  const bare: number[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    for (const way of WAYS) slices.get(way)?.push(await measureWay(way, servers));
    bare.push(bareVerificationUs());
  }
  const bareUs = median(bare);
  const rows = WAYS.map((way) => {
    const of = (pick: (cpu: Cpu) => number) => median((slices.get(way) ?? []).map(pick));
    return { name: way.name, sidecarUs: of((cpu) => cpu.sidecarUs), postgresUs: of((cpu) => cpu.postgresUs) };
  });
  const plainUs = (rows[0]?.sidecarUs ?? 0) + (rows[0]?.postgresUs ?? 0);
  const lines = rows.map(({ name, sidecarUs, postgresUs }, at) => {
    const addedUs = sidecarUs + postgresUs - plainUs;
    const added = at === 0 ? ["", ""] : [addedUs.toFixed(0), (addedUs / bareUs).toFixed(2)];
    return [name, sidecarUs.toFixed(0), postgresUs.toFixed(0), ...added];
  });
  const header = ["ValidateSession of", "sidecar us", "Postgres us", "added us", "in bare verifications"];
  const all = [
    header,
    header.map(() => "---"),
    ...lines,
    ["one bare verification of ES256", bareUs.toFixed(0), "", "", ""],
  ];
  return all.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** One slice. Everything that a browser or the application does is done before, or is not counted: they are this process. */
async function measureWay({ proof }: Way, servers: Surroundings): Promise<Cpu> {
  const run = commandsOf(servers);
  const { deviceChallenge } = await run("CreateDeviceChallenge", {});
  const sessions = await Promise.all(Array.from({ length: SESSIONS }, () => logIn()));
  const requests = Array.from({ length: WARM_UP_REQUESTS + REQUESTS }, (_, at) => {
    const session = sessions[at % SESSIONS];
    if (!session) throw new Error("expected a session");
    return { sessionToken: session.sessionToken, ...verification(session.device) };
  });
  await send(requests.slice(0, WARM_UP_REQUESTS));
  const [sidecar, postgres] = [cpuOfTree(servers.sidecarPid), cpuOfTree(servers.postgresPid)];
  await send(requests.slice(WARM_UP_REQUESTS));
  const perRequestUs = (cpuSecs: number) => (cpuSecs * 1e6) / REQUESTS;
  return {
    sidecarUs: perRequestUs(cpuOfTree(servers.sidecarPid) - sidecar),
    postgresUs: perRequestUs(cpuOfTree(servers.postgresPid) - postgres),
  };

  async function logIn() {
    const device = createDevice();
    const deviceRegistration = { signedDeviceChallenge: prove(device, deviceChallenge ?? ""), ...REQUEST };
    const data = { userId: randomUUID(), ...(proof !== "none" && { deviceRegistration }) };
    return { device, sessionToken: (await run("CreateSession", data)).sessionToken };
  }

  function verification(device: Device) {
    if (proof === "none") return {};
    const signedDeviceChallenge = prove(device, deviceChallenge ?? "");
    return { deviceVerification: { signedDeviceChallenge, ...(proof === "single-use" && REQUEST) } };
  }

  async function send(all: object[]): Promise<void> {
    let next = 0;
    const worker = async () => {
      for (let data = all[next++]; data; data = all[next++]) await run("ValidateSession", data);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  }
}

function commandsOf({ env }: Surroundings) {
  return async (command: string, data: object): Promise<Record<string, string | undefined>> => {
    const response = await fetch(`${env.BYO_URL}/run-command`, {
      method: "POST",
      headers: { authorization: `Bearer ${env.BYO_INTEGRATION_KEY}`, "content-type": "application/json" },
      body: JSON.stringify({ command, data }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${command} answered ${response.status}: ${text}`);
    return JSON.parse(text);
  };
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

/** The least that any proof of an ES256 key can cost: the signature over a text of its length, the key imported. */
function bareVerificationUs(): number {
  const device = createDevice();
  const proof = prove(device, createHash("sha512").update("challenge").digest("base64url"));
  const text = Buffer.from(proof.slice(0, proof.lastIndexOf(".")));
  const signature = Buffer.from(proof.slice(proof.lastIndexOf(".") + 1), "base64url");
  const key = { key: device.publicKey, dsaEncoding: "ieee-p1363" } as const;
  const before = process.cpuUsage();
  for (let count = 0; count < VERIFICATIONS; count++) {
    if (!verify("sha256", text, key, signature)) throw new Error("expected a good signature");
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / VERIFICATIONS;
}
