// The package in Chromium, on a page of another origin: node browser.mjs FOLDER_OF_THE_PACKAGE
// The origin is http://shop.test, which the browser finds here. It is not secure: `crypto` has less there.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join, normalize } from "node:path";

const folder = process.argv[2] ?? assert.fail("which folder?");
const url = process.env.HEADROOM_URL ?? assert.fail("which server?");

/** What runs in the page. */
async function tour(baseUrl) {
  const { Headroom, LimitExceeded, responseOf } = await import("/dist/index.js");
  const headroom = new Headroom({ baseUrl, username: "user", password: "user" });
  const { id } = await headroom.accounts.create({ name: "My Salon", plan: "basic" });
  const { staff } = headroom.account(id);
  const ann = await staff.create({ name: "Ann" });
  await staff.create({ name: "Bo" });
  const refusal = await staff.create({ name: "Cy" }).catch((error) => error);
  const changed = await staff.update(ann.id, { name: "Anne" }, { ifMatch: ann });
  return {
    hasRandomUuid: typeof crypto.randomUUID === "function",
    key: responseOf(ann).idempotencyKey,
    isRefusal: refusal instanceof LimitExceeded,
    plans: refusal.plans_that_allow,
    requestId: refusal.requestId === refusal.problem.request_id,
    isSame: (await staff.get(ann.id, { ifNoneMatch: changed })) === changed,
    names: (await staff.list({ limit: 1 }).toArray(10)).map(({ name }) => name),
  };
}

const page = `<!doctype html><link rel="icon" href="data:,"><script type="module">
${tour}
const answer = await tour(${JSON.stringify(url)}).catch((error) => ({ error: String(error?.stack ?? error) }));
await fetch("/answer", { method: "POST", body: JSON.stringify(answer) });
</script>`;

const answered = deferred();
const server = createServer(async (request, response) => {
  if (request.url === "/answer") {
    let body = "";
    for await (const chunk of request) body += chunk;
    answered.resolve(JSON.parse(body));
    response.end();
  } else if (request.url?.startsWith("/dist/") && normalize(request.url) === request.url) {
    response.setHeader("Content-Type", "text/javascript");
    response.end(await readFile(join(folder, request.url)));
  } else {
    response.setHeader("Content-Type", "text/html");
    response.end(page);
  }
});
server.listen(0, "127.0.0.1");
await once(server, "listening");

const profile = await mkdtemp(join(tmpdir(), "chromium-"));
const browser = spawn(
  process.env.HEADROOM_CHROMIUM ?? "/usr/bin/chromium",
  [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    `--user-data-dir=${profile}`,
    `--host-resolver-rules=MAP shop.test:80 127.0.0.1:${server.address().port}`,
    "http://shop.test/",
  ],
  { stdio: ["ignore", "ignore", "pipe"] },
);
let log = "";
browser.stderr.on("data", (text) => (log += text));
const ended = once(browser, "exit");
const late = setTimeout(() => answered.reject(new Error(`the page did not answer within a minute\n${log}`)), 60_000);
try {
  const early = ended.then(() => Promise.reject(new Error(`the browser has ended\n${log}`)));
  const { key, ...answer } = await Promise.race([answered.promise, early]);
  assert.deepEqual(answer, {
    hasRandomUuid: false,
    isRefusal: true,
    plans: ["pro"],
    requestId: true,
    isSame: true,
    names: ["Bo", "Anne"],
  });
  assert.match(key, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  console.log("the tour went well: browser.mjs");
} finally {
  clearTimeout(late);
  browser.kill();
  await ended;
  server.closeAllConnections();
  server.close();
  await rm(profile, { recursive: true, force: true, maxRetries: 5 });
}

function deferred() {
  const it = {};
  it.promise = new Promise((resolve, reject) => Object.assign(it, { resolve, reject }));
  return it;
}
