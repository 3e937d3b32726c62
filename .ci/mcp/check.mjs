// Checks `headroom mcp`, with and without --write, beside the server at HEADROOM_URL:
//
// - with the conformance suite of the Model Context Protocol, through a bridge, because the suite speaks HTTP only;
// - with the protocol's own client over standard input and output, because the suite calls no tools but those of the
//   example server.
//
// Its argument is the program `headroom`.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bridge } from "./bridge.mjs";

const require = createRequire(new URL("../../target/tools/npm/package.json", import.meta.url));
const { Client } = require("@modelcontextprotocol/sdk/client/index.js");
const { StdioClientTransport } = require("@modelcontextprotocol/sdk/client/stdio.js");
const { Ajv2020 } = require("ajv/dist/2020.js");
const SUITE = fileURLToPath(
  new URL("../../target/tools/npm/node_modules/@modelcontextprotocol/conformance/dist/index.js", import.meta.url),
);

/** The scenarios of the suite that a server with tools has to pass. */
const APPLICABLE = ["server-initialize", "ping", "tools-list", "server-sse-multiple-streams"];

/** The others, by the reason why they say nothing about `headroom mcp`. */
const LEFT_OUT = {
  "they call a tool of the example server (test_…)": [
    "tools-call-simple-text",
    "tools-call-image",
    "tools-call-audio",
    "tools-call-embedded-resource",
    "tools-call-mixed-content",
    "tools-call-with-logging",
    "tools-call-error",
    "tools-call-with-progress",
    "tools-call-sampling",
    "tools-call-elicitation",
    "elicitation-sep1034-defaults",
    "elicitation-sep1330-enums",
    "server-sse-polling",
  ],
  "they compare a tool of the example server (json_schema_2020_12_tool)": ["json-schema-2020-12"],
  "they need a capability that headroom mcp does not declare: logging, completions, resources, prompts": [
    "logging-set-level",
    "completion-complete",
    "resources-list",
    "resources-read-text",
    "resources-read-binary",
    "resources-templates-read",
    "resources-subscribe",
    "resources-unsubscribe",
    "prompts-list",
    "prompts-get-simple",
    "prompts-get-with-args",
    "prompts-get-embedded-resource",
    "prompts-get-with-image",
  ],
  "they check HTTP headers, which only the bridge sees": ["dns-rebinding-protection"],
};

/** Runs the suite: its exit code, and what it wrote. */
function suite(...words) {
  return new Promise((resolve) => {
    execFile(process.execPath, [SUITE, ...words], (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : error.code, stdout, output: stdout + stderr });
    });
  });
}

/** Fails unless each scenario of the suite is applicable or left out, and each of these is one of the suite. */
async function checkScenarios() {
  const { stdout } = await suite("list", "--server");
  const listed = [...stdout.matchAll(/^ +- (\S+)/gm)].map((match) => match[1]);
  assert.deepEqual([...APPLICABLE, ...Object.values(LEFT_OUT).flat()].sort(), listed.sort());
}

/** Runs a scenario, which has to make a check, and to fail none. */
async function checkScenario(url, scenario) {
  const folder = mkdtempSync(join(tmpdir(), "conformance-"));
  try {
    const { code, output } = await suite("server", "--url", url, "--scenario", scenario, "--output-dir", folder);
    assert.equal(code, 0, output);
    const [results] = readdirSync(folder);
    const checks = JSON.parse(readFileSync(join(folder, results, "checks.json"), "utf8"));
    const found = new Set(checks.map(({ status }) => status));
    assert(found.has("SUCCESS") && !found.has("FAILURE") && !found.has("WARNING"), output);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** An API key of the operator with this scope. */
async function apiKey(scope) {
  const request = async (path, body, headers = {}) => {
    const response = await fetch(process.env.HEADROOM_URL + path, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
    assert(response.ok, await response.clone().text());
    return response.json();
  };
  const { access_token } = await request("/token", { username: "user", password: "user" });
  const key = await request("/api-keys", { name: "Assistant", scope }, { Authorization: `Bearer ${access_token}` });
  return key.secret;
}

/** Gives a client of the program to a function. */
async function withClient(program, use) {
  const client = new Client({ name: "check", version: "1" });
  await client.connect(new StdioClientTransport(program));
  try {
    await use(client);
  } finally {
    await client.close();
  }
}

/** The result of a call, whose text is the same as its structured content. */
async function call(client, name, args = {}) {
  const { content, structuredContent, isError } = await client.callTool({ name, arguments: args });
  assert.deepEqual(JSON.parse(content[0].text), structuredContent);
  return { ...structuredContent, isError: isError === true };
}

/** The tools have valid, closed schemas, and say whether they write. */
async function checkTools(client, writes) {
  const { tools } = await client.listTools();
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
  for (const { inputSchema } of tools) {
    assert.equal(inputSchema.$schema, "https://json-schema.org/draft/2020-12/schema");
    assert.equal(ajv.compile(inputSchema)({ surplus: 1 }), false);
  }
  assert.equal(tools.some(({ annotations }) => !annotations.readOnlyHint), writes);
  assert.equal((await call(client, "list_plans")).data.length, 2);
  const unknown = await call(client, "find_account", { account: "tenant-0" });
  assert.deepEqual([unknown.isError, unknown.code], [true, "not_found"]);
}

/** A dry run writes nothing, a repeated key has one effect, and a refusal says what would help. */
async function checkWrites(client) {
  const arguments_ = { name: "My Salon", external_id: "tenant-1", plan: "basic" };
  assert.equal((await call(client, "create_account", { ...arguments_, dry_run: true })).dry_run, true);
  assert.deepEqual((await call(client, "list_accounts")).data, []);
  const created = await call(client, "create_account", arguments_);
  const again = await call(client, "create_account", { ...arguments_, idempotency_key: created.idempotency_key });
  assert.deepEqual(again, created);
  const hold = { account: "tenant-1", meter: "staff", quantity: 3, expires_in_seconds: 60 };
  const refused = await call(client, "take_hold", hold);
  assert.deepEqual([refused.isError, refused.limit, refused.plans_that_allow], [true, 2, ["pro"]]);
}

await checkScenarios();
for (const { flags, scope } of [
  { flags: [], scope: "read" },
  { flags: ["--write"], scope: "admin" },
]) {
  const args = ["mcp", ...flags];
  const env = { HEADROOM_URL: process.env.HEADROOM_URL, HEADROOM_API_KEY: await apiKey(scope) };
  const program = { command: process.argv[2], args, env };
  const { url, close } = await bridge(program);
  try {
    for (const scenario of APPLICABLE) await checkScenario(url, scenario);
  } finally {
    await close();
  }
  await withClient(program, async (client) => {
    await checkTools(client, flags.length > 0);
    if (flags.length > 0) await checkWrites(client);
  });
  console.log(`headroom ${args.join(" ")}: ${APPLICABLE.join(", ")} and the calls of a client passed`);
}
