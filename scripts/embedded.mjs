// Makes the empty cluster that the sidecar brings along, so that its first start needs neither the time nor the memory.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { ROOT, runBeside } from "./processes.mjs";

const FOLDER = join(ROOT, "sidecar", "embedded");

/** Builds the cluster, unless one of the installed version of PGlite is there. */
export async function buildCluster() {
  if (existsSync(clusterFile())) return;
  console.log("Preparing the embedded database");
  // In a process of its own, which gives the memory back.
  await runBeside("node", [fileURLToPath(import.meta.url)]);
}

function pglite() {
  return createRequire(join(ROOT, "sidecar", "package.json")).resolve("@electric-sql/pglite");
}

function clusterFile() {
  const { version } = JSON.parse(readFileSync(join(dirname(pglite()), "../package.json"), "utf8"));
  return join(FOLDER, `cluster-${version}.tar.gz`);
}

async function makeCluster() {
  const { PGlite } = await import(pathToFileURL(pglite()).href);
  const database = await PGlite.create();
  // Only `postgres` is used. Each of the others is a third of the files, and to write them takes a third of a first start.
  await database.exec("UPDATE pg_database SET datistemplate = false WHERE datistemplate");
  for (const unused of ["template0", "template1"]) await database.exec(`DROP DATABASE ${unused}`);
  const dump = await database.dumpDataDir("gzip");
  await database.close();
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  // Renamed once complete, for an interrupted run.
  const unfinished = `${clusterFile()}.${process.pid}`;
  writeFileSync(unfinished, new Uint8Array(await dump.arrayBuffer()));
  renameSync(unfinished, clusterFile());
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await makeCluster();
