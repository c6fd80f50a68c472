import react from "@vitejs/plugin-react";
import { defaultClientConditions, defineConfig } from "vite";
import { precompress } from "./precompress.ts";
import { preloadApp } from "./preload-app.ts";

// The sidecar serves the build at the root of its port.
export default defineConfig({
  plugins: [react(), preloadApp(), precompress()],
  // What it shares with the server comes from core's sources, which need no build.
  resolve: { conditions: ["@byo-session/source", ...defaultClientConditions] },
  build: {
    // What React 19 and light-dark() need.
    target: "baseline-widely-available",
    // A preloaded module is a link, not a script: the page's policy allows no inline script.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            // What asks the first questions runs before everything else is there.
            { name: "start", tags: ["$initial"], priority: 1 },
            // One file for what several pages use: thirty small ones, each found only after the one before, took longer.
            { name: "shared", minShareCount: 2 },
          ],
        },
      },
    },
  },
});
