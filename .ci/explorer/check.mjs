// Looks at the pages of /docs with a browser and with axe: the login, what happens when a token expires, and what stands
// in the way of people who do not see or do not use a mouse. Run it with .ci/with-server; a token lives for a second.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

const require = createRequire(new URL("../../target/tools/npm/package.json", import.meta.url));
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

// What Swagger UI brings, with which part of it: nothing here is in the markup of Headroom's own pages and dialog.
const SWAGGER_UI = new Map([
  ["button-name", "the buttons that copy have no name"],
  ["color-contrast", "badges, methods and locks are pale"],
  ["heading-order", "a tag is a heading one level too deep"],
  ["label", "the field for a body has no label"],
  ["nested-interactive", "the path in a summary's button can be copied by another button"],
  ["scrollable-region-focusable", "long examples scroll by the mouse alone"],
  ["select-name", "the choice of an example has no name"],
]);

const url = process.env.HEADROOM_URL;
const picture = process.env.HEADROOM_PICTURE;
const profile = mkdtempSync(join(tmpdir(), "headroom-browser-"));
const browser = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.HEADROOM_CHROMIUM ?? "/usr/bin/chromium",
  headless: true,
  viewport: { width: 1280, height: 900 },
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});

const seen = new Set();

async function look(page, what) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run());
  const ours = [];
  for (const { id, nodes } of violations) {
    for (const { target } of nodes) {
      const isTheirs = await page.evaluate((selector) => {
        const element = document.querySelector(selector);
        return element?.closest(".swagger-ui") !== null && element?.closest(".headroom-login") === null;
      }, target.at(-1));
      if (isTheirs && SWAGGER_UI.has(id)) {
        seen.add(id);
      } else {
        ours.push(`${what}: ${id} at ${target.join(" ")}`);
      }
    }
  }
  assert.deepEqual(ours, []);
}

const status = (page) => page.textContent("#session");
const says = (page, text) => page.locator("#session", { hasText: text }).waitFor();

// Notes all that the page says from now on: with a token that lives for a second nothing stands there for long.
const listen = (page) =>
  page.evaluate(() => {
    window.said = [];
    const element = document.getElementById("session");
    new MutationObserver(() => window.said.push(element.textContent)).observe(element, { childList: true });
  });

async function execute(page, operation) {
  await page.click(`${operation} .execute`);
  const code = await page.waitForSelector(`${operation} .live-responses-table tbody .response-col_status`);
  return (await code.textContent()).trim().slice(0, 3);
}

try {
  const page = browser.pages()[0] ?? (await browser.newPage());
  const faults = [];
  page.on("pageerror", (error) => faults.push(String(error)));

  await page.goto(`${url}/docs/`);
  await page.waitForSelector(".opblock");
  assert.equal(await page.title(), "Headroom");
  if (picture) {
    await page.screenshot({ path: picture });
  }
  await look(page, "the explorer");

  await page.click("button.authorize");
  await page.waitForSelector(".headroom-login");
  assert.equal(await page.evaluate(() => document.activeElement.name), "username");
  assert.equal(await page.locator(".headroom-login input[type=checkbox]").count(), 0);
  await look(page, "the login");
  await page.fill("[name=username]", "user");
  await page.fill("[name=password]", "wrong");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".headroom-login [role=alert]:not(:empty)");
  await page.fill("[name=password]", "user");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".headroom-login", { state: "detached" });

  await says(page, "has expired");
  const operation = "#operations-Accounts-open_account";
  await page.click(`${operation} .opblock-summary-control`);
  await page.waitForSelector(`${operation} .execute`);
  await listen(page);
  assert.equal(await execute(page, operation), "201");
  const said = await page.evaluate(() => window.said.join("\n"));
  assert.match(said, /had expired: the page has got a new one/);
  await look(page, "a response");

  await page.goto(`${url}/docs/errors#validation_failed`);
  await look(page, "the error codes");
  await page.click("text=Explorer");
  await page.waitForSelector(".opblock");
  assert.equal(await status(page), "", "a session ends with its page");
  const kept = await page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie]);
  assert.deepEqual(kept, [0, 0, ""]);
  assert.deepEqual(faults, []);

  const gone = [...SWAGGER_UI.keys()].filter((id) => !seen.has(id));
  assert.deepEqual(gone, [], "Swagger UI has mended these: take them off the list");
  console.log("axe finds nothing of Headroom's own. Swagger UI brings:");
  SWAGGER_UI.forEach((what, id) => console.log(`  ${id}: ${what}`));
} finally {
  await browser.close();
  rmSync(profile, { recursive: true, force: true });
}
