import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { stopAfterFile } from "./leftovers.ts";

export interface Certificate {
  /** Both as PEM. */
  cert: string;
  key: string;
}

export interface Authority {
  /** The file with its own certificate. */
  readonly path: string;
  /** Issues a certificate for a host name. */
  issue(name: string, options?: { expired?: boolean }): Promise<Certificate>;
}

const run = promisify(execFile);
const NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
const CONFIG = `
[ca]
default_ca = own
[own]
dir = .
database = index.txt
new_certs_dir = .
serial = serial
default_md = sha256
policy = any
copy_extensions = copy
[any]
commonName = supplied
`;

/** A certificate authority of the test's own, made with openssl. */
export async function createAuthority(): Promise<Authority> {
  const cwd = await mkdtemp(join(tmpdir(), "byo-authority-"));
  stopAfterFile(() => rm(cwd, { recursive: true, force: true }));
  const openssl = (...args: string[]) => run("openssl", args, { cwd });
  await openssl("req", "-x509", ...NEW_KEY, "-keyout", "ca.key", "-out", "ca.pem", "-days", "30", "-subj", "/CN=test");
  await writeFile(join(cwd, "ca.cnf"), CONFIG);
  await writeFile(join(cwd, "index.txt"), "");
  let serial = 16;

  return {
    path: join(cwd, "ca.pem"),
    async issue(name, { expired = false } = {}) {
      const subject = ["-subj", `/CN=${name}`, "-addext", `subjectAltName=DNS:${name}`];
      await openssl("req", ...NEW_KEY, "-keyout", "own.key", "-out", "own.csr", ...subject);
      await writeFile(join(cwd, "serial"), `${(serial++).toString(16)}\n`);
      await writeFile(join(cwd, "index.txt"), "");
      const times = expired
        ? ["-startdate", "20200101000000Z", "-enddate", "20200201000000Z"]
        : ["-startdate", "20200101000000Z", "-days", "36500"];
      const signed = [
        "-config",
        "ca.cnf",
        "-cert",
        "ca.pem",
        "-keyfile",
        "ca.key",
        "-in",
        "own.csr",
        "-out",
        "own.pem",
      ];
      await openssl("ca", "-batch", "-notext", ...signed, ...times);
      const [cert, key] = await Promise.all(["own.pem", "own.key"].map((file) => readFile(join(cwd, file), "utf8")));
      return { cert: cert ?? "", key: key ?? "" };
    },
  };
}
