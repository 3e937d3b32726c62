// Uses the console with a browser (Chromium), as an operator does, and looks at each page with axe: from the sign-in to
// the sign-out, with a lost response, an expired token, a narrow screen, and a path prefix of a proxy.
// Run it with .ci/with-server; a token lives for a few seconds. HEADROOM_PICTURES is a folder for screenshots.

import assert from "node:assert/strict";
import { createServer, request as httpRequest } from "node:http";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

const require = createRequire(new URL("../../target/tools/npm/package.json", import.meta.url));
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const url = process.env.HEADROOM_URL;
const pictures = process.env.HEADROOM_PICTURES;
const profile = mkdtempSync(join(tmpdir(), "headroom-browser-"));
const browser = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.HEADROOM_CHROMIUM ?? "/usr/bin/chromium",
  headless: true,
  locale: "en-GB",
  timezoneId: "Europe/Berlin",
  colorScheme: "light",
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
const page = browser.pages()[0] ?? (await browser.newPage());
page.setDefaultTimeout(15_000);

// What no page may do: an error, also of the content security policy, or a request to another host. A refusal that the
// console shows is a message of the browser's, too.
const faults = [];
const refusals = /Failed to load resource: the server responded with a status of (304|401|403|404|409|412|422)/;
let origin = new URL(url).origin;
browser.on("weberror", (error) => faults.push(`error: ${error.error()}`));
browser.on("console", (message) => {
  const isExpected = refusals.test(message.text()) || (isResponseLost && /net::ERR_FAILED|with a status of 50[0-9]/.test(message.text()));
  if (["error", "warning"].includes(message.type()) && !isExpected) {
    faults.push(`${message.type()}: ${message.text()}`);
  }
});
browser.on("request", (request) => {
  if (new URL(request.url()).origin !== origin) {
    faults.push(`a request to ${request.url()}`);
  }
});
let isResponseLost = false;

// The API, for data that the console is then to show.
async function ask(method, path, body, token) {
  const headers = { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) };
  const response = await fetch(url + path, { method, headers, body: body && JSON.stringify(body) });
  assert.ok(response.ok, `${method} ${path}: ${response.status} ${response.ok ? "" : await response.text()}`);
  return response.status === 204 ? null : response.json();
}
async function token() {
  return (await ask("POST", "/token", { username: "user", password: "user" })).access_token;
}

/** Delays requests for a path until the returned function is called. */
async function hold(path, when = () => true) {
  let resolve;
  const promise = new Promise((done) => (resolve = done));
  await page.route(path, async (route) => {
    if (when(route.request())) {
      await promise;
    }
    // The page may have given the request up meanwhile.
    await route.continue().catch(() => {});
  });
  return async () => {
    resolve();
    await page.unroute(path);
  };
}

const button = (name) => page.getByRole("button", { name, exact: true });
const heading = (name) => page.getByRole("heading", { name, exact: true });
const dialog = () => page.getByRole("dialog");
const tab = (name) => page.getByRole("navigation", { name: "Account", exact: true }).getByRole("link", { name, exact: true }).click();
const main = (name) => page.getByRole("navigation", { name: "Main" }).getByRole("link", { name, exact: true }).click();
const says = (text) => page.getByRole("status").filter({ hasText: text }).waitFor();
const row = (text) => page.getByRole("row").filter({ hasText: text });

/** The figures of a metric above a tab, such as "2 / 5". */
const figures = (metric, text) => page.locator(".meter").filter({ hasText: metric }).filter({ hasText: text }).first().waitFor();

/** What axe finds that is serious, in light and dark, and whether the page fits a telephone. */
async function look(what) {
  for (const colorScheme of ["dark", "light"]) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => window.axe.run());
    const serious = violations.filter(({ impact }) => ["serious", "critical"].includes(impact));
    const said = serious.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id} at ${target.join(" ")}: ${failureSummary}`));
    assert.deepEqual(said, [], `${what}, ${colorScheme}`);
  }
  await page.setViewportSize({ width: 390, height: 844 });
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(width <= 390, `${what} is ${width} pixels wide on a screen of 390`);
  await page.setViewportSize({ width: 1280, height: 900 });
}

async function signIn() {
  await page.getByLabel("Username").fill("user");
  await page.getByLabel("Password").fill("user");
  await page.keyboard.press("Enter");
  await heading("Accounts").waitFor();
}

/** The time from the start of the navigation to the first paint, which has the whole page: the best of three. */
async function load() {
  const session = await browser.newCDPSession(page);
  let [best, bytes] = [Number.POSITIVE_INFINITY, 0];
  for (let loads = 0; loads < 3; loads += 1) {
    await page.goto("about:blank");
    await session.send("Network.clearBrowserCache");
    await page.goto(`${url}/console`);
    await heading("Sign in to the console").waitFor();
    assert.equal(page.url(), `${url}/console/`);
    const paint = await page.waitForFunction(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime);
    best = Math.min(best, Math.round(await paint.jsonValue()));
    bytes = await page.evaluate(() => performance.getEntries().reduce((sum, it) => sum + (it.transferSize ?? 0), 0));
  }
  console.log(`the console is there in ${best} ms, with ${bytes} bytes`);
  await look("the sign-in");
}

async function refusedSignIn() {
  await page.waitForFunction(() => document.activeElement.name === "username");
  await page.getByLabel("Username").fill("user");
  await page.getByLabel("Password").fill("wrong");
  await page.keyboard.press("Enter");
  const alert = page.getByRole("alert");
  await alert.waitFor();
  assert.match(await alert.textContent(), /invalid_credentials.*request/);
}

async function createAccount() {
  await button("Create the first account").waitFor();
  await look("no accounts");
  await button("Create the first account").click();
  await dialog().getByLabel("Name").fill("Northwind Salon");
  await look("the new account");
  await dialog().getByRole("button", { name: "Create", exact: true }).click();
  await heading("Northwind Salon").waitFor();
  await page.getByText("This account is on no plan yet").waitFor();
  await look("an account without a plan");
}

async function subscribe() {
  await page.getByRole("link", { name: "Choose a plan" }).click();
  await page.getByRole("radio", { name: /^Basic/ }).check();
  await page.getByText("To basic, in effect").waitFor();
  await look("the preview of a plan");
  await button("Subscribe to Basic").click();
  await says("The account is on Basic.");
}

async function addStaffToTheLimit() {
  await tab("Staff");
  await page.getByText("There are no staff members yet").waitFor();
  const form = page.getByRole("form", { name: "Add a staff member" });
  const add = async (name) => {
    await form.getByLabel("Name").fill(name);
    await form.getByRole("button", { name: "Add" }).click();
  };
  // The first response is lost: the request is repeated with its key, and takes effect once.
  isResponseLost = true;
  const keys = [];
  await page.route("**/staff", async (route) => {
    if (route.request().method() !== "POST") {
      return route.fallback();
    }
    keys.push(await route.request().headerValue("idempotency-key"));
    if (keys.length === 1) {
      await route.fetch();
      return route.abort();
    }
    return route.continue();
  });
  await add("Ann");
  await says("Added Ann.");
  await page.unroute("**/staff");
  isResponseLost = false;
  assert.equal(keys.length, 2);
  assert.equal(keys[0], keys[1]);
  assert.match(keys[0], /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  await figures("Staff", "1 / 2");
  await add("Bo");
  await figures("Staff", "2 / 2");
  assert.equal(await row("staff_").count(), 2);
  await add("Cy");
  const refusal = page.getByRole("alert");
  await refusal.waitFor();
  const text = await refusal.textContent();
  for (const part of ["Refused", "2 of 2 used", "staff_limit_exceeded", "request"]) {
    assert.ok(text.includes(part), `${part} is not in ${text}`);
  }
  await look("a refusal");
}

async function upgrade() {
  await page.getByRole("link", { name: "Upgrade to pro" }).click();
  await page.getByText("From basic to pro, in effect").waitFor();
  const staff = page.getByRole("group", { name: "What changes" }).getByRole("row").filter({ hasText: "Staff" });
  assert.deepEqual(await staff.getByRole("cell").allTextContents(), ["2", "5"]);
  await button("Change to Pro now").click();
  await says("The account is on Pro.");
}

async function previewDowngrade() {
  await tab("Staff");
  const form = page.getByRole("form", { name: "Add a staff member" });
  await form.getByLabel("Name").fill("Cy");
  await form.getByRole("button", { name: "Add" }).click();
  await figures("Staff", "3 / 5");
  await tab("Plan");
  await page.getByRole("radio", { name: /^Basic/ }).check();
  await page.getByText("Staff: 3 used, 2 permitted, 1 too many").waitFor();
  await page.getByLabel("When").selectOption("period_end");
  await page.getByLabel("Do not change the plan if anything exceeds its limits").check();
  await button("Change to Basic at the end of the period").click();
  const alert = page.getByRole("alert");
  await alert.waitFor();
  assert.match(await alert.textContent(), /over_limit/);
  await look("a downgrade that is refused");
  await page.getByLabel("Do not change the plan if anything exceeds its limits").uncheck();
  await button("Change to Basic at the end of the period").click();
  await page.getByRole("note", { name: "Scheduled change" }).waitFor();
  await button("Cancel this change").click();
  await page.getByRole("note", { name: "Scheduled change" }).waitFor({ state: "detached" });
}

async function override() {
  await tab("Overrides and grants");
  const form = page.getByRole("form", { name: "Give an override" });
  await form.getByLabel("Limit", { exact: true }).fill("6");
  await form.getByLabel("Reason").fill("Trial until the summer");
  await form.getByRole("button", { name: "Give an override" }).click();
  await row("Trial until the summer").waitFor();
  const grant = page.getByRole("form", { name: "Grant more" });
  await grant.getByLabel("Quantity").fill("2");
  await grant.getByLabel("Reason").fill("Add-on");
  await grant.getByRole("button", { name: "Grant" }).click();
  await row("Add-on").waitFor();
  await look("the overrides and grants");
  await tab("Overview");
  const staff = page.getByRole("region", { name: "Limits and usage" }).getByRole("row").filter({ hasText: "Staff" });
  await staff.getByText("override, 2 granted").last().waitFor();
  assert.match(await staff.textContent(), /3.*0.*8.*5/);
}

async function holdAndConfirm() {
  await tab("Holds");
  await page.getByText("Nothing is held").waitFor();
  const form = page.getByRole("form", { name: "Hold", exact: true });
  await form.getByLabel("Reference").fill("invite:42");
  await form.getByRole("button", { name: "Hold", exact: true }).click();
  await row("invite:42").getByText("held", { exact: true }).waitFor();
  await figures("Staff", "4 / 8");
  await look("a hold");
  await button("Confirm invite:42").click();
  await dialog().getByLabel("Name").fill("Dee");
  await dialog().getByRole("button", { name: "Confirm" }).click();
  await row("invite:42").getByText("confirmed").waitFor();
  await tab("Staff");
  await row("Dee").waitFor();
  await figures("Staff", "4 / 8");
}

/** Edits a staff member while another client does: the newer values are shown, and nothing is overwritten unasked. */
async function editStaff(account) {
  const secret = await token();
  const { data } = await ask("GET", `/accounts/${account}/staff`, undefined, secret);
  const ann = data.find(({ name }) => name === "Ann");
  const path = `/accounts/${account}/staff/${ann.id}`;
  const read = () => ask("GET", path, undefined, secret);
  const field = (label) => dialog().getByLabel(label);
  const save = () => dialog().getByRole("button", { name: "Save", exact: true }).click();

  await button("Edit Ann").click();
  await page.waitForFunction(() => document.activeElement.name === "name");
  await look("the edited staff member");
  await field("E-mail").fill("not an address");
  await save();
  await dialog().getByText(/^request /).waitFor();
  assert.equal(await dialog().getByRole("alert").count(), 0, "the fault is at its field alone");
  assert.equal(await field("E-mail").getAttribute("aria-invalid"), "true");
  await page.waitForFunction(() => document.activeElement.name === "email");
  await field("E-mail").fill("ann@example.com");
  await save();
  await says("Changed the staff member.");
  await row("ann@example.com").waitFor();
  assert.equal((await read()).name, "Ann");

  // Another client changes the name and the address; this user changes the name and keeps the address.
  await button("Edit Ann").click();
  await field("Name").fill("Anna");
  await ask("PATCH", path, { name: "Ann B.", email: "ann.b@example.com" }, secret);
  await save();
  await dialog().getByRole("alert").filter({ hasText: "precondition_failed" }).waitFor();
  const cells = (label) => dialog().getByRole("row").filter({ hasText: label }).getByRole("cell").allTextContents();
  assert.deepEqual(await cells("Name"), ["Anna", "Ann B."]);
  assert.deepEqual(await cells("E-mail"), ["Not changed", "ann.b@example.com"]);
  assert.equal((await read()).name, "Ann B.", "nothing is overwritten unasked");
  await page.waitForFunction(() => document.activeElement.textContent === "Edit the newer values");
  await look("both versions");
  await page.setViewportSize({ width: 390, height: 844 });
  await dialog().getByRole("cell", { name: "ann.b@example.com" }).waitFor();
  await page.setViewportSize({ width: 1280, height: 900 });
  await dialog().getByRole("button", { name: "Edit the newer values" }).click();
  assert.equal(await field("Name").inputValue(), "Ann B.");

  // And once more: this time the user insists. What they did not change keeps its newer value.
  await field("Name").fill("Anna");
  await ask("PATCH", path, { email: "b@example.com" }, secret);
  await save();
  await dialog().getByRole("button", { name: "Save mine" }).click();
  await says("Changed the staff member.");
  await dialog().waitFor({ state: "detached" });
  const { name, email } = await read();
  assert.deepEqual([name, email], ["Anna", "b@example.com"]);
  await row("Anna").waitFor();

  await loseResponses(path, read, secret);

  // A removed one is restored.
  await button("Remove Anna").click();
  await dialog().getByRole("button", { name: "Remove", exact: true }).click();
  await says("Removed Anna.");
  await row("Anna").waitFor({ state: "detached" });
  await page.getByLabel("Show removed").check();
  await button("Restore Anna").click();
  await says("Restored Anna.");
  await button("Edit Anna").waitFor();
}

/** A change of one version whose response is lost is not repeated: the repeat of one that was saved would be refused. */
async function loseResponses(path, read, secret) {
  const email = dialog().getByLabel("E-mail");
  const save = () => dialog().getByRole("button", { name: "Save", exact: true }).click();
  isResponseLost = true;
  let [requests, answer] = [0, null];
  await page.route(`**${path}`, async (route) => {
    if (route.request().method() !== "PATCH") {
      return route.fallback();
    }
    requests += 1;
    return requests === 1 ? answer(route) : route.continue();
  });
  const edit = async (text, first) => {
    [requests, answer] = [0, first];
    await button("Edit Anna").click();
    await email.fill(text);
    await save();
  };
  const isUncertain = () => dialog().getByRole("alert").filter({ hasText: "may have been saved" }).filter({ hasText: "no_response" }).waitFor();

  // It was saved: the list shows that, and so does the next attempt, although its version is refused.
  await edit("c@example.com", async (route) => {
    await route.fetch();
    await route.abort();
  });
  await isUncertain();
  await row("c@example.com").waitFor();
  assert.equal(requests, 1);
  await save();
  await says("Changed the staff member.");
  await dialog().waitFor({ state: "detached" });

  // It was saved, and another client changed it since: nothing says that it was not saved.
  await edit("d@example.com", async (route) => {
    await route.fetch();
    await route.fulfill({ status: 504, body: "Gateway Timeout" });
  });
  await isUncertain();
  assert.equal(requests, 1);
  await ask("PATCH", path, { email: "e@example.com" }, secret);
  await save();
  const conflict = dialog().getByRole("alert").filter({ hasText: "precondition_failed" });
  await conflict.waitFor();
  const text = await conflict.textContent();
  assert.ok(text.includes("may have been saved") && !text.includes("Nothing of yours is saved"), text);
  await dialog().getByRole("button", { name: "Save mine" }).click();
  await dialog().waitFor({ state: "detached" });
  assert.equal((await read()).email, "d@example.com");

  // The API wrote nothing: the request is repeated.
  await edit("b@example.com", (route) =>
    route.fulfill({ status: 503, contentType: "application/problem+json", body: JSON.stringify({ status: 503, code: "unavailable" }) }),
  );
  await dialog().waitFor({ state: "detached" });
  assert.equal(requests, 2);
  assert.equal((await read()).email, "b@example.com");
  await page.unroute(`**${path}`);
  isResponseLost = false;
}

/** Every other tab of an account, each with something in it. */
async function otherTabs(account) {
  await tab("Bookings");
  const form = page.getByRole("form", { name: "Create a booking" });
  await form.getByLabel("Customer").fill("Eve");
  await form.getByRole("button", { name: "Create" }).click();
  await row("Eve").waitFor();
  await button("Edit the booking of Eve").click();
  await dialog().getByLabel("Staff member").selectOption("Dee");
  await keepsSelection(account);
  const notes = dialog().getByLabel("Notes");
  assert.equal(await notes.evaluate((input) => input.tagName), "INPUT", "the API refuses notes of several lines");
  await notes.fill("Prefers the window");
  await look("the edited booking");
  await dialog().getByRole("button", { name: "Save" }).click();
  await says("Changed the booking.");
  await row("Eve").filter({ hasText: "Dee" }).getByText("Prefers the window").waitFor();
  await moveToFullDay(account);
  await button("Remove the booking of Eve").click();
  await look("a question");
  await dialog().getByRole("button", { name: "Cancel" }).click();
  await dialog().waitFor({ state: "detached" });
  // The focus returns to the button.
  await page.waitForFunction(() => document.activeElement.textContent === "Remove");
  await look("the bookings");
  await tab("Usage");
  await page.getByLabel("Meter").selectOption("api_calls");
  await page.getByLabel("Quantity").fill("70");
  await button("Record").click();
  await figures("API calls", "70 / 5,000");
  await look("the usage");
  await tab("Allocations");
  await page.getByLabel("Key").fill("website");
  await button("Allocate").click();
  await row("website").waitFor();
  await look("the allocations");
  await tab("Members");
  await row("user").getByText("You").waitFor();
  await look("the members");
  await tab("Timeline");
  await page.getByText("Subscribed to basic").waitFor();
  await page.getByText("override.put").waitFor();
  await look("the timeline");
}

/** A staff member who is added meanwhile appears in the choice, and what was chosen stays. */
async function keepsSelection(account) {
  const secret = await token();
  const added = await ask("POST", `/accounts/${account}/staff`, { name: "Zoe" }, secret);
  // As when the page becomes visible again.
  await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  const field = dialog().getByLabel("Staff member");
  const option = field.getByRole("option", { name: "Zoe" });
  const chosen = () => field.evaluate((select) => select.selectedOptions[0].textContent);
  await option.waitFor({ state: "attached" });
  assert.equal(await chosen(), "Dee");
  await ask("DELETE", `/accounts/${account}/staff/${added.id}`, undefined, secret);
  await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  await option.waitFor({ state: "detached" });
  assert.equal(await chosen(), "Dee");
}

/** A booking cannot move to a day without room: the refusal has the figures, and the upgrade. */
async function moveToFullDay(account) {
  const secret = await token();
  const book = (fields) => ask("POST", `/accounts/${account}/bookings`, fields, secret);
  const inDays = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
  const [next, full] = [inDays(2), inDays(4)];
  for (let count = 0; count < 20; count += 1) {
    await book({ starts_at: `${full}T11:00:00Z` });
  }
  await book({ starts_at: `${next}T11:00:00Z`, customer_name: "Gus" });
  await page.getByLabel("To", { exact: true }).fill(next);
  await button("Edit the booking of Gus").click();
  await dialog().getByLabel("Starts").fill(`${full}T12:00`);
  await dialog().getByRole("button", { name: "Save" }).click();
  const refusal = dialog().getByRole("alert").filter({ hasText: "booking_limit_exceeded" });
  await refusal.waitFor();
  assert.match(await refusal.textContent(), /20 of 20 used/);
  await dialog().getByRole("button", { name: "Cancel" }).click();
  await dialog().waitFor({ state: "detached" });
}

/** The chart, by its figures: it is one image, whose name and table say what it shows. */
async function readChart() {
  await tab("Overview");
  const section = page.getByRole("region", { name: "History of bookings per day" });
  await section.getByRole("img", { name: "Bookings per day: at most 1 used in one day, the limit is 20." }).waitFor();
  // Nothing is pointed at: the legend has the latest window.
  assert.match(await section.locator(".u-legend").textContent(), /From \(.*\).*20\d\d.*Used per day.*1.*Limit now.*20/);
  await section.getByText("The figures as a table").click();
  const rows = section.getByRole("group", { name: "Usage by window" }).getByRole("row").filter({ has: page.getByRole("rowheader") });
  const days = rows.filter({ has: page.getByRole("cell", { name: "20", exact: true }) });
  assert.equal(await days.count(), 30);
  assert.equal(await days.last().getByRole("cell").first().textContent(), "1");
  // Something is drawn: pixels of the bars and of the line.
  const colors = await section.locator("canvas").evaluate((canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return new Set(new Uint32Array(data.buffer)).size;
  });
  assert.ok(colors > 10, "the chart is empty");
  await page.getByLabel("Metric").selectOption("emails");
  await page.getByRole("region", { name: "History of emails" }).getByRole("img").waitFor();
  await look("the overview");
}

/** Figures refresh without a reload, and cost a 304 while nothing changes. */
async function refresh(account) {
  const figuresRequest = (response) => response.url().includes("/entitlements");
  const unchanged = await page.waitForResponse((response) => figuresRequest(response) && response.status() === 304);
  assert.ok(await unchanged.request().headerValue("if-none-match"));
  await ask("POST", `/accounts/${account}/staff`, { name: "Fay" }, await token());
  await page.getByRole("region", { name: "Limits and usage" }).getByRole("row").filter({ hasText: "Staff" }).filter({ hasText: "5" }).waitFor();
  const staff = page.getByRole("img", { name: "Staff: 5 of 8 used" });
  await staff.waitFor();
}

/** A hidden page requests nothing; in a page whose clock is the check's. */
async function pauseWhileHidden(account) {
  const other = await browser.newPage();
  await other.clock.install();
  await other.goto(`${url}/console/#/accounts/${account}`);
  await other.getByLabel("Username").fill("user");
  await other.getByLabel("Password").fill("user");
  await other.keyboard.press("Enter");
  await other.getByRole("region", { name: "Limits and usage" }).waitFor();
  const turn = (hidden) =>
    other.evaluate((hidden) => {
      Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }, hidden);
  const isOfFigures = (response) => response.url().includes("/entitlements");
  await other.waitForLoadState("networkidle");
  const next = other.waitForResponse(isOfFigures);
  await other.clock.runFor(10_000);
  await next;
  await other.waitForLoadState("networkidle");
  await turn(true);
  let requests = 0;
  other.on("request", () => (requests += 1));
  await other.clock.runFor(60_000);
  assert.equal(requests, 0, "a hidden page requests nothing");
  const again = other.waitForResponse(isOfFigures);
  await turn(false);
  await again;
  await other.close();
}

async function searchAndNear() {
  const secret = await token();
  const other = await ask("POST", "/accounts", { name: "Contoso", plan: "basic", external_id: "cus_42" }, secret);
  for (const name of ["Ann", "Bo"]) {
    await ask("POST", `/accounts/${other.id}/staff`, { name }, secret);
  }
  await main("Accounts");
  const search = page.getByRole("searchbox", { name: "Search accounts" });
  const table = page.getByRole("group", { name: "Accounts", exact: true });
  for (const [text, found] of [["conto", "Contoso"], ["cus_42", "Contoso"], ["NORTH", "Northwind Salon"]]) {
    await search.fill(text);
    await table.getByRole("link", { name: found }).waitFor();
    await table.getByRole("row").nth(2).waitFor({ state: "detached" });
  }
  await search.fill("nothing like this");
  await page.getByText("No account matches").waitFor();
  await search.fill("");
  await table.getByRole("link", { name: "Contoso" }).waitFor();
  const near = page.getByRole("region", { name: "Near or over a limit" });
  await near.getByRole("link", { name: /Contoso.*2 \/ 2/ }).waitFor();
  await near.getByText("All accounts, as of").waitFor();
  await look("the accounts");
  return other.id;
}

/** Many accounts: what was read is shown, the most urgent first, while the rest is read; it can be stopped. */
async function walkNear() {
  const secret = await token();
  // The oldest are the most urgent: they are on the last page of the API. The newest use 4 of 5.
  for (let made = 0; made < 260; made += 20) {
    const names = Array.from({ length: 20 }, (_, at) => `Branch ${String(made + at).padStart(3, "0")}`);
    await Promise.all(names.map((name) => ask("POST", "/accounts", { name }, secret)));
  }
  const last = await ask("POST", "/accounts", { name: "Lakeside Clinic", plan: "pro" }, secret);
  for (const name of ["Ann", "Bo", "Cy", "Dee"]) {
    await ask("POST", `/accounts/${last.id}/staff`, { name }, secret);
  }
  const near = page.getByRole("region", { name: "Near or over a limit" });
  const names = () => near.getByRole("link").locator(".card-title").allTextContents();
  const release = await hold("**/near-limits*", (request) => request.url().includes("cursor="));
  await page.goto(`${url}/console/`);
  await signIn();
  await near.getByRole("link", { name: /Lakeside Clinic.*4 \/ 5/ }).waitFor();
  await near.getByText("Reading all accounts: 1 page so far, 1 found").waitFor();
  assert.deepEqual(await names(), ["Lakeside Clinic"]);
  await look("the accounts while they are read");
  // The page is of use meanwhile.
  await page.getByRole("searchbox", { name: "Search accounts" }).fill("Contoso");
  await page.getByRole("group", { name: "Accounts", exact: true }).getByRole("link", { name: "Contoso" }).waitFor();
  await near.getByRole("button", { name: "Stop" }).click();
  await near.getByText("The older ones were not: more of them may be near a limit.").waitFor();
  await look("the accounts of which some were read");
  await release();
  await near.getByRole("button", { name: "Go on" }).click();
  await near.getByText("All accounts, as of").waitFor();
  assert.deepEqual(await names(), ["Contoso", "Lakeside Clinic"], "the most urgent is first");
  // A user who returns finds it.
  await main("Plans");
  await heading("Plans").waitFor();
  let requests = 0;
  const count = (request) => (requests += request.url().includes("/near-limits") ? 1 : 0);
  page.on("request", count);
  await main("Accounts");
  await near.getByRole("link", { name: /Contoso/ }).waitFor();
  await page.getByRole("group", { name: "Accounts", exact: true }).getByRole("link", { name: "Lakeside Clinic" }).waitFor();
  assert.equal(requests, 0, "what was just read is not read again");
  page.off("request", count);
}

/** A page of the accounts near a limit that fails is requested again; in a page whose clock is the check's. */
async function walkNearAgain() {
  const other = await browser.newPage();
  await other.clock.install();
  isResponseLost = true;
  let requests = 0;
  await other.route("**/near-limits*cursor=*", (route) => {
    requests += 1;
    return requests === 1 ? route.abort() : requests === 2 ? route.fulfill({ status: 500 }) : route.continue();
  });
  await other.goto(`${url}/console/`);
  await other.getByLabel("Username").fill("user");
  await other.getByLabel("Password").fill("user");
  await other.keyboard.press("Enter");
  const near = other.getByRole("region", { name: "Near or over a limit" });
  for (const code of ["no_response", "status_500"]) {
    await near.getByRole("alert").filter({ hasText: code }).waitFor();
    await near.getByRole("button", { name: "Go on" }).waitFor();
    await other.clock.runFor(30_000);
  }
  await near.getByText("All accounts, as of").waitFor();
  assert.equal(await near.getByRole("alert").count(), 0);
  await other.close();
  isResponseLost = false;
}

/** Erases an account: nothing without its name, and afterwards what the API says of it. */
async function eraseAccount(account) {
  const secret = await token();
  const erasures = [];
  const note = (request) => request.method() === "POST" && request.url().includes("/erase") && erasures.push(new URL(request.url()).search);
  page.on("request", note);
  await page.getByRole("region", { name: "Near or over a limit" }).getByRole("link", { name: /Contoso/ }).click();
  await heading("Contoso").waitFor();
  await button("Edit the account").click();
  await dialog().getByLabel("Metadata").fill("crm=42\nnote=a=b");
  await dialog().getByRole("button", { name: "Save" }).click();
  await says("Changed the account.");
  assert.deepEqual((await ask("GET", `/accounts/${account}`, undefined, secret)).metadata, { crm: "42", note: "a=b" });
  await editMetadata(account, secret);
  await button("Remove the account").click();
  await dialog().getByRole("button", { name: "Remove", exact: true }).click();
  await page.getByText("This account was removed").waitFor();
  await look("a removed account");
  await button("Restore the account").click();
  await page.getByRole("region", { name: "Limits and usage" }).waitFor();
  await button("Erase the account").click();
  await dialog().getByText("2 staff members").waitFor();
  await dialog().getByText(/What stays: its id/).waitFor();
  await page.waitForFunction(() => document.activeElement.name === "name");
  await look("the question of an erasure");
  const erase = dialog().getByRole("button", { name: "Erase permanently" });
  await dialog().getByLabel("Type Contoso to confirm").fill("contoso");
  await page.keyboard.press("Enter");
  await dialog().getByText(/Nothing was erased: this is not/).waitFor();
  assert.ok(!(await dialog().textContent()).includes("not_confirmed"), "a code that is not the API's");
  assert.deepEqual(erasures, ["?dry_run=true"], "it is not erased without its name");
  await ask("GET", `/accounts/${account}`, undefined, secret);
  await dialog().getByLabel("Type Contoso to confirm").fill("Contoso");
  await erase.click();
  await heading("Account erased").waitFor();
  await page.getByText(account).waitFor();
  await look("an erased account");
  assert.deepEqual(erasures, ["?dry_run=true", ""]);
  const gone = await fetch(`${url}/accounts/${account}`, { headers: { Authorization: `Bearer ${secret}` } });
  assert.equal(gone.status, 404);
  page.off("request", note);
  await page.getByRole("link", { name: "All accounts" }).click();
  await heading("Accounts").waitFor();
}

/** Edits metadata: what is not touched stays as it is, also if its line could be of another pair. */
async function editMetadata(account, secret) {
  const path = `/accounts/${account}`;
  const read = async () => (await ask("GET", path, undefined, secret)).metadata;
  const kept = { "a=b": "c", empty: "", spaces: "  two  " };
  await ask("PATCH", path, { metadata: { ...kept, crm: "42" } }, secret);
  const field = dialog().getByLabel("Metadata");
  const save = () => dialog().getByRole("button", { name: "Save" }).click();
  await button("Edit the account").click();
  await dialog().getByLabel("Name").waitFor();
  const text = await field.inputValue();
  assert.equal(text, "a=b=c\ncrm=42\nempty=\nspaces=  two  ");
  for (const [line, fault] of [["vip", "“vip” is not a pair"], ["crm=43", "The key “crm” is there twice."]]) {
    await field.fill(`${text}\n${line}`);
    await save();
    await dialog().locator(".fault").filter({ hasText: fault }).waitFor();
  }
  assert.deepEqual(await read(), { ...kept, crm: "42" });
  await field.fill(`tier = gold\n${text.replace("crm=42", "crm=43")}\n`);
  await save();
  await says("Changed the account.");
  await dialog().waitFor({ state: "detached" });
  assert.deepEqual(await read(), { ...kept, crm: "43", tier: "gold" });
  // What has spaces at its end, and was not touched, is not sent.
  await ask("PATCH", path, { metadata: { spaces: "two  " } }, secret);
  await button("Edit the account").click();
  await field.waitFor();
  await save();
  await says("Nothing was changed.");
  await dialog().waitFor({ state: "detached" });
  assert.deepEqual(await read(), { spaces: "two  " });
}

/** Erases a user; one that must stay is refused. */
async function eraseUser() {
  const secret = await token();
  await ask("POST", "/users", { username: "mallory", password: "a long password" });
  await main("User and keys");
  const form = page.getByRole("form", { name: "Erase a user" });
  const begin = async (name) => {
    await form.getByLabel("Username or id").fill(name);
    await form.getByRole("button", { name: "Erase…" }).click();
  };
  const confirm = async (name) => {
    await dialog().getByLabel(`Type ${name} to confirm`).fill(name);
    await page.keyboard.press("Enter");
  };
  await begin("unknown");
  await dialog().getByRole("alert").filter({ hasText: "not_found" }).waitFor();
  await dialog().getByRole("button", { name: "Close" }).click();
  await begin("user");
  await confirm("user");
  const refusal = dialog().getByRole("alert").filter({ hasText: "conflict" });
  await refusal.waitFor();
  assert.match(await refusal.textContent(), /only o.*request/);
  await dialog().getByRole("button", { name: "Cancel" }).click();
  await begin("mallory");
  await confirm("mallory");
  await page.getByRole("dialog", { name: "mallory is erased" }).waitFor();
  await look("an erased user");
  await dialog().getByRole("button", { name: "Close" }).click();
  const refused = await fetch(`${url}/token`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ username: "mallory", password: "a long password" }),
  });
  assert.equal(refused.status, 401);
  await ask("GET", "/users/me", undefined, secret);
}

/** The console and the explorer link to each other. The documents are on a page of their own: this one keeps its session. */
async function documents() {
  const [explorer] = await Promise.all([browser.waitForEvent("page"), page.getByRole("link", { name: /^API/ }).click()]);
  await explorer.getByRole("heading", { name: "Headroom", exact: true }).waitFor();
  assert.equal(explorer.url(), `${url}/docs/`);
  assert.equal(await explorer.evaluate(() => window.opener), null);
  await explorer.getByRole("navigation", { name: "Documents" }).getByRole("link", { name: "Console" }).click();
  await explorer.getByRole("heading", { name: "Sign in to the console" }).waitFor();
  assert.equal(explorer.url(), `${url}/console/`);
  // The page of a server without documents.
  await explorer.route(`${url}/console/`, async (route) => {
    const response = await route.fetch();
    const [body, named] = [await response.text(), '<meta name="docs" content="../docs/">'];
    assert.ok(body.includes(named));
    await route.fulfill({ response, body: body.replace(named, "") });
  });
  await explorer.goto(`${url}/console/`);
  await explorer.getByRole("heading", { name: "Sign in to the console" }).waitFor();
  assert.equal(await explorer.getByRole("link").count(), 0);
  await explorer.close();
  await heading("User and keys").waitFor();
}

async function plans() {
  await main("Plans");
  await page.getByRole("rowheader", { name: /^Bookings per day/ }).waitFor();
  const cells = page.getByRole("row").filter({ hasText: "Bookings per day" }).getByRole("cell");
  assert.deepEqual(await cells.allTextContents(), ["5", "20", "Unlimited"]);
  const sso = page.getByRole("row").filter({ hasText: "SSO" }).getByRole("cell");
  assert.deepEqual(await sso.allTextContents(), ["–", "✓ On", "✓ On"]);
  await look("the plans");
}

async function keys() {
  await main("User and keys");
  await page.getByText("You have no API keys yet").waitFor();
  await button("Create an API key").click();
  await dialog().getByLabel("Name").fill("Web shop");
  await dialog().getByRole("button", { name: "Create" }).click();
  const secret = await dialog().getByText(/^hr_live_/).textContent();
  await look("a secret");
  await browser.grantPermissions(["clipboard-read", "clipboard-write"], { origin });
  await button("Copy the secret").click();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), secret);
  await button("I have stored it").click();
  await row("Web shop").waitFor();
  assert.ok(!(await page.content()).includes(secret), "the secret is shown once");
  await ask("GET", "/users/me", undefined, secret);
  await look("the keys");
  return secret;
}

async function revokeKey(secret) {
  await button("Revoke Web shop").click();
  await dialog().getByRole("button", { name: "Revoke" }).click();
  await page.getByText("You have no API keys yet").waitFor();
  const refused = await fetch(`${url}/users/me`, { headers: { Authorization: `Bearer ${secret}` } });
  assert.equal(refused.status, 401);
}

async function signOut() {
  const revoked = page.waitForResponse((response) => response.url().endsWith("/token/revoke"));
  await button("Sign out").click();
  await page.getByText("You are signed out.").waitFor();
  assert.equal((await revoked).status(), 204);
  const kept = await page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie]);
  assert.deepEqual(kept, [0, 0, ""]);
}

/** A key acts within its scope; without one, and with a wrong one, there is a message. */
async function signInWithKey(secret) {
  await button("Use an API key").click();
  for (const wrong of ["wrong", "hr_live_ä"]) {
    await page.getByLabel("API key").fill(wrong);
    await page.keyboard.press("Enter");
    await page.getByRole("alert").filter({ hasText: "invalid_token" }).waitFor();
  }
  await page.getByLabel("API key").fill(secret);
  await page.keyboard.press("Enter");
  await heading("Accounts").waitFor();
  await page.getByText("by an API key").waitFor();
  await main("User and keys");
  await page.getByText("You are signed in with an API key").waitFor();
  await button("Sign out").click();
  await page.getByText("You are signed out.").waitFor();
}

/** By the keyboard alone: the skip link, the navigation, an account, a tab. */
async function byKeyboard() {
  await page.goto(`${url}/console/`);
  await signIn();
  await page.getByRole("group", { name: "Accounts", exact: true }).waitFor();
  const reach = async (text, key = "Tab") => {
    for (let steps = 0; steps < 60; steps += 1) {
      await page.keyboard.press(key);
      if ((await page.evaluate(() => document.activeElement.textContent)).trim() === text) {
        return;
      }
    }
    assert.fail(`${text} cannot be reached by ${key}`);
  };
  await reach("Skip to the content", "Shift+Tab");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement.id === "main");
  await reach("Northwind Salon");
  await page.keyboard.press("Enter");
  await heading("Northwind Salon").waitFor();
  // The effect that moves the focus runs after the heading is shown.
  await page.waitForFunction(() => document.activeElement.tagName === "H1");
  await reach("Timeline");
  await page.keyboard.press("Enter");
  await page.getByText("Subscribed to basic").waitFor();
}

/** Behind a proxy that removes a path prefix. */
async function behindPrefix() {
  const target = new URL(url);
  const proxy = createServer((request, response) => {
    if (!request.url.startsWith("/limits/")) {
      response.writeHead(404).end();
      return;
    }
    const options = { host: target.hostname, port: target.port, method: request.method, path: request.url.slice(7), headers: request.headers };
    request.pipe(
      httpRequest(options, (answer) => {
        response.writeHead(answer.statusCode, answer.headers);
        answer.pipe(response);
      }),
    );
  });
  await new Promise((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const before = origin;
  origin = `http://127.0.0.1:${proxy.address().port}`;
  try {
    await page.goto(`${origin}/limits/console`);
    assert.equal(page.url(), `${origin}/limits/console/`);
    await signIn();
    await page.getByRole("link", { name: "Northwind Salon" }).first().click();
    await heading("Northwind Salon").waitFor();
    await page.goto("about:blank");
  } finally {
    origin = before;
    proxy.closeAllConnections();
    proxy.close();
  }
}

/** The screenshots of the documents, with data that looks like a business. */
async function takePictures() {
  const { secret } = await ask("POST", "/api-keys", { name: "Web shop", scope: "admin" }, await token());
  const names = ["Harbour Street Dental", "Fjord Cycling", "Maple & Co", "Lumen Yoga", "Kite Robotics", "Old Mill Bakery"];
  for (const [at, name] of names.entries()) {
    const plan = ["pro", "basic", "pro", "basic", "enterprise", "basic"][at];
    const { id } = await ask("POST", "/accounts", { name, plan, external_id: `cus_${1042 + 17 * at}`, time_zone: "Europe/Berlin" }, secret);
    for (let n = 0; n < [4, 2, 3, 1, 9, 2][at]; n += 1) {
      await ask("POST", `/accounts/${id}/staff`, { name: `Member ${n + 1}` }, secret);
    }
    await ask("POST", `/accounts/${id}/usage`, { meter: "emails", quantity: [17_400, 320, 6_100, 980, 61_000, 40][at] }, secret);
    await ask("POST", `/accounts/${id}/usage`, { meter: "api_calls", quantity: [1_900, 120, 740, 210, 22_000, 15][at] }, secret);
    for (const key of ["site", "shop", "blog"].slice(0, 1 + (at % 3))) {
      await ask("PUT", `/accounts/${id}/allocations/projects/${key}`, {}, secret);
    }
    if (at === 0) {
      await bookings(id, secret);
      await ask("POST", `/accounts/${id}/holds`, { meter: "staff", expires_in_seconds: 604_800, reference: "invite:7" }, secret);
    }
  }
  const shot = (name) => page.screenshot({ path: join(pictures, `console-${name}.png`), animations: "disabled" });
  await page.setViewportSize({ width: 1280, height: 860 });
  await page.goto(`${url}/console/`);
  await signIn();
  await page.getByRole("link", { name: /Fjord Cycling.*2 \/ 2/ }).waitFor();
  await page.getByRole("row").filter({ hasText: "Old Mill Bakery" }).getByText("2 / 2").waitFor();
  await shot("accounts");
  await page.getByRole("link", { name: "Harbour Street Dental", exact: true }).click();
  await page.getByRole("region", { name: "History of bookings per day" }).locator("canvas").waitFor();
  await page.getByRole("status").filter({ hasText: /^$/ }).waitFor({ state: "attached" });
  await shot("account");
  await main("Plans");
  await page.getByRole("rowheader", { name: /^SSO/ }).waitFor();
  await shot("plans");
}

/** Bookings of the last weeks, as many a day as a business may have. */
async function bookings(id, secret) {
  for (let day = 29; day >= 0; day -= 1) {
    const count = [9, 13, 12, 16, 18, 6, 2][day % 7] + (day % 3);
    const starts_at = new Date(Date.now() - day * 86_400_000).toISOString();
    await Promise.all(Array.from({ length: Math.min(count, 20) }, () => ask("POST", `/accounts/${id}/bookings`, { starts_at }, secret)));
  }
}

try {
  if (pictures) {
    await takePictures();
  } else {
    await load();
    await refusedSignIn();
    await signIn();
    await createAccount();
    const account = new URL(page.url()).hash.split("/")[2];
    await subscribe();
    await addStaffToTheLimit();
    await upgrade();
    await previewDowngrade();
    await override();
    await holdAndConfirm();
    await editStaff(account);
    await otherTabs(account);
    await readChart();
    await refresh(account);
    await pauseWhileHidden(account);
    const other = await searchAndNear();
    await plans();
    await eraseUser();
    await documents();
    const secret = await keys();
    await signOut();
    await signInWithKey(secret);
    await page.goto("about:blank");
    await byKeyboard();
    await main("User and keys");
    await revokeKey(secret);
    await signOut();
    await behindPrefix();
    await walkNear();
    await walkNearAgain();
    await eraseAccount(other);
    console.log("the console works, axe finds nothing serious, and no request leaves the server");
  }
  assert.deepEqual(faults, []);
} catch (error) {
  await page.screenshot({ path: join(tmpdir(), "headroom-console-failed.png") }).catch(() => {});
  if (faults.length > 0) {
    console.error(faults.join("\n"));
  }
  throw error;
} finally {
  await browser.close();
  rmSync(profile, { recursive: true, force: true });
}
