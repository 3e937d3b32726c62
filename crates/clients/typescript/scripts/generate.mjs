// Generates the types and the table of operations from the OpenAPI document:
// node scripts/generate.mjs OPENAPI_JSON FOLDER

import { readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import openapiTS, { astToString } from "openapi-typescript";

const [source, folder] = process.argv.slice(2);
if (!source || !folder) {
  throw new Error("usage: node scripts/generate.mjs OPENAPI_JSON FOLDER");
}
const document = JSON.parse(await readFile(source, "utf8"));
const notice = "// Generated from docs/openapi.json by `npm run generate`. Do not edit.\n\n";

const types = astToString(await openapiTS(pathToFileURL(resolve(source))));
// Texts of several lines can end in blanks.
await write("openapi.ts", types.replace(/[ \t]+$/gm, ""));
await write("schemas.ts", schemas());
await write("operations.ts", operations());

/** An exported name for each schema. */
function schemas() {
  const names = Object.keys(document.components.schemas).sort();
  const lines = names.map((name) => `export type ${name} = components["schemas"]["${name}"];\n`);
  return ['import type { components } from "./openapi.js";\n\n', ...lines].join("");
}

/** What the client must know of each operation while it runs. */
function operations() {
  const lines = [];
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of ["get", "post", "put", "patch", "delete"]) {
      const operation = item[method];
      if (!operation) continue;
      const names = new Set((operation.parameters ?? []).map(parameter).map((it) => `${it.in} ${it.name}`));
      const facts = {
        method: method.toUpperCase(),
        path,
        isPublic: operation.security?.length === 0,
        idempotencyKey: names.has("header Idempotency-Key"),
        ifMatch: names.has("header If-Match"),
        ifNoneMatch: names.has("header If-None-Match"),
        dryRun: names.has("query dry_run"),
      };
      // A fact that does not hold is left out.
      const held = Object.entries(facts).filter(([, fact]) => fact !== false);
      const text = held.map(([name, fact]) => `${name}: ${JSON.stringify(fact)}`).join(", ");
      lines.push(`  ${operation.operationId}: { ${text} },\n`);
    }
  }
  return [
    'import type { operations } from "./openapi.js";\n\n',
    "export interface Operation {\n",
    '  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";\n',
    "  readonly path: string;\n",
    "  /** It needs no credentials. */\n  readonly isPublic?: boolean;\n",
    "  /** It takes the header. */\n  readonly idempotencyKey?: boolean;\n",
    "  /** It takes the header. */\n  readonly ifMatch?: boolean;\n",
    "  /** It takes the header. */\n  readonly ifNoneMatch?: boolean;\n",
    "  /** It takes the parameter. */\n  readonly dryRun?: boolean;\n",
    "}\n\n",
    "export const OPERATIONS: { readonly [Id in keyof operations]: Operation } = {\n",
    ...lines.sort(),
    "};\n",
  ].join("");
}

function parameter(given) {
  return given.$ref ? document.components.parameters[given.$ref.split("/").at(-1)] : given;
}

async function write(name, text) {
  await writeFile(join(folder, name), notice + text);
}
