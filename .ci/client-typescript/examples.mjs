// Writes the examples of documents as files that can be compiled: node examples.mjs FOLDER DOCUMENT...
// A program with its output below it is also written as shop.ts, to be run, and its output as shop.expected.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [folder, ...documents] = process.argv.slice(2);
let number = 0;
for (const document of documents) {
  const blocks = readFileSync(document, "utf8").matchAll(/^```(tsx?)\n([^]*?)^```\n(?:```\n([^]*?)^```\n)?/gm);
  for (const [, extension, code, output] of blocks) {
    number += 1;
    const imports = code.match(/^import .*$/gm) ?? [];
    const rest = code.replace(/^import .*$/gm, "").trim();
    // In a function, because an example may return, and name what another one names.
    const example = `${imports.join("\n")}\nexport async function example() {\n${rest}\n}\n`;
    writeFileSync(join(folder, `example-${number}.${extension}`), example);
    if (output !== undefined) {
      const program = code.replace('"http://localhost:8000"', 'String(process.env["HEADROOM_URL"])');
      writeFileSync(join(folder, "shop.ts"), program);
      writeFileSync(join(folder, "shop.expected"), output);
    }
  }
}
