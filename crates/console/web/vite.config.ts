// The build of the console: relative references, so that it works behind any path prefix, and names with a hash of the
// content, so that browsers keep files for ever. `npm run dev` serves it with a Headroom on 127.0.0.1:8000 behind it.

import { defineConfig } from "vite";

const API = ["/accounts", "/api-keys", "/near-limits", "/plans", "/token", "/users"];

export default defineConfig(({ command }) => ({
  base: command === "build" ? "./" : "/console/",
  server: {
    proxy: Object.fromEntries(API.map((path) => [`^${path}(/|\\?|$)`, process.env.HEADROOM_URL ?? "http://127.0.0.1:8000"])),
  },
  build: {
    outDir: "../dist",
    emptyOutDir: true,
    // Files, not data: URLs, which the content security policy forbids.
    assetsInlineLimit: 0,
    // The licences of what is built in: they ask to be passed on with it.
    license: { fileName: "licenses.md" },
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      output: {
        hashCharacters: "hex",
        entryFileNames: "assets/console-[hash].js",
        assetFileNames: "assets/[name]-[hash][extname]",
      },
    },
  },
}));
