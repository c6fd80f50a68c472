import { readdir } from "node:fs/promises";

/** The hosts that the modules of a folder export, so that a new one is tested because it lies there. */
export async function hostsIn<H extends { readonly name: string }>(
  folder: URL,
  isHost: (exported: object) => exported is H,
): Promise<H[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".ts"));
  const modules = await Promise.all(files.map((file) => import(new URL(file, folder).href)));
  const exported = modules.flatMap((module) => Object.values<unknown>(module));
  return exported.filter((value) => typeof value === "object" && value !== null).filter(isHost);
}
