import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { bundleLibrary, bundleReactPart } from "./bundle.ts";

it("is under 4.5 kB with its dependencies, and needs nothing of Node", async () => {
  const bundle = await bundleLibrary();
  const bytes = gzipSync(bundle, { level: 9 }).length;
  console.log(`browser bundle: ${bundle.length} bytes, ${bytes} gzip`);
  expect(bytes).toBeLessThan(4_500);
  expect(bundle).not.toMatch(/\bimport\b|\brequire\(|node:|\bprocess\b|\bBuffer\b/);
  expect(bundle).toMatch(/fetchWithDevice/);
});

it("is under 3.5 kB more for React, and includes no code for devices", async () => {
  const bundle = await bundleReactPart();
  const bytes = gzipSync(bundle, { level: 9 }).length;
  console.log(`for React: ${bundle.length} bytes, ${bytes} gzip`);
  expect(bytes).toBeLessThan(3_500);
  expect(bundle).not.toMatch(/indexedDB|subtle/);
});
