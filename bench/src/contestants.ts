/** What is measured side by side. `needs` says which servers beside the app spend CPU for it. */
export interface Contestant {
  name: string;
  file: string;
  env: Record<string, string>;
  needs: { postgres: boolean; sidecar: boolean };
}

export const BARE: Contestant = {
  name: "bare Express",
  file: "bare.ts",
  env: {},
  needs: { postgres: false, sidecar: false },
};

export const CONTESTANTS: readonly Contestant[] = [
  {
    name: "express-session + connect-pg-simple, touch on",
    file: "express-session.ts",
    env: { TOUCH: "on" },
    needs: { postgres: true, sidecar: false },
  },
  {
    name: "express-session + connect-pg-simple, touch off",
    file: "express-session.ts",
    env: { TOUCH: "off" },
    needs: { postgres: true, sidecar: false },
  },
  {
    name: "byo-session",
    file: "byo.ts",
    env: {},
    needs: { postgres: true, sidecar: true },
  },
];
