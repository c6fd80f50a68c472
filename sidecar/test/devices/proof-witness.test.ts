import fc from "fast-check";
import { compactVerify, decodeProtectedHeader, importJWK } from "jose";
import { expect, it } from "vitest";
import { verifySignedChallenge } from "../../src/engine/devices/proof.ts";
import { createDevice } from "./forge.ts";

const RUNS = 2000;
/** The same seed everywhere, so that a failure is about the change under test. */
const SEED = 20_261_122;
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ ";

const devices = [createDevice("ES256"), createDevice("Ed25519"), createDevice("ES256")];
const proofs = devices.map((device) => device.prove());

/** A proof of one device with parts of another's, and some characters changed, added or left out. */
const changedProof = fc
  .record({
    parts: fc.tuple(...[0, 1, 2].map((part) => fc.nat(proofs.length - 1).map((of) => partOf(of, part)))),
    changes: fc.array(
      fc.record({
        at: fc.nat(1000),
        left: fc.nat(1),
        added: fc.string({ unit: fc.constantFrom(...ALPHABET), maxLength: 1 }),
      }),
      { maxLength: 2 },
    ),
  })
  .map(({ parts, changes }) =>
    changes.reduce((proof, { at, left, added }) => {
      const place = at % proof.length;
      return proof.slice(0, place) + added + proof.slice(place + left);
    }, parts.join(".")),
  );

it(`takes no signature that jose refuses, in ${RUNS} changed proofs, and refuses none that it takes`, async () => {
  const seen = { taken: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(changedProof, async (proof) => {
      const check = await verifySignedChallenge(proof);
      const isSigned = await joseTakes(proof);
      if (check.ok) expect(isSigned).toBe(true);
      else if (check.problem === "signature") expect(isSigned).toBe(false);
      seen[check.ok ? "taken" : "refused"]++;
    }),
    { numRuns: RUNS, seed: SEED },
  );
  expect(seen.taken).toBeGreaterThan(RUNS / 100);
  expect(seen.refused).toBeGreaterThan(RUNS / 2);
});

function partOf(device: number, part: number): string {
  return proofs[device]?.split(".")[part] ?? "";
}

/** With the key that the proof itself names, as a proof is verified. */
async function joseTakes(proof: string): Promise<boolean> {
  try {
    const { alg, jwk } = decodeProtectedHeader(proof);
    if (alg === undefined || jwk === undefined) return false;
    await compactVerify(proof, await importJWK(jwk, alg));
    return true;
  } catch {
    return false;
  }
}
