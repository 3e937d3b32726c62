// The tour with the package, as an application uses it: the refusal by type, a lost response, a long list, a hold.

import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { type Booking, Headroom, HeadroomError, isHeadroomError, LimitExceeded, responseOf } from "@headroom/client";

const baseUrl = process.env["HEADROOM_URL"];
assert(baseUrl);
const credentials = { username: "user", password: "user" };
const headroom = new Headroom({ baseUrl, ...credentials });

const { id } = await headroom.accounts.create({ name: "My Salon", external_id: "tenant-1", plan: "basic" });
const account = headroom.account(id);
assert.equal((await headroom.accounts.findByExternalId("tenant-1"))?.id, id);
await tour();
await refusals();
await versions();
await lostResponse();
await longList();
await holds();
await apiKey();
await outage();
await headroom.logout();

async function tour() {
  const ann = await account.staff.create({ name: "Ann" });
  const booking = await account.bookings.create({ staff_id: ann.id });
  assert.equal(booking.staff_id, ann.id);
  const usage = await account.usage.record({ meter: "emails", quantity: 900 });
  assert.equal(usage.quantity, 900);
  await account.usage.remove(usage.id ?? assert.fail());
  await account.allocations("projects").put("project-1");
  const { added } = await account.allocations("projects").replace(["project-1", "project-2/b"]);
  assert.deepEqual(added, ["project-2/b"]);
  assert.equal((await account.allocations("projects").get("project-2/b")).quantity, 1);

  const entitlements = await account.entitlements();
  assert(entitlements.checked);
  const used = Object.fromEntries(entitlements.entitlements.map((it) => [it.metric, it.used]));
  assert.deepEqual(used, { staff: 1, bookings_per_day: 1, emails: 0, projects: 2 });
  assert.equal(await account.entitlements({}, { ifNoneMatch: entitlements }), entitlements);
  const days = entitlements.features?.find(({ feature }) => feature === "history_days");
  assert.equal(days?.value, 7);
}

async function refusals() {
  await account.staff.create({ name: "Bo" });
  const answer = await account.check({ metric: "staff" });
  assert(!answer.allowed);
  assert.deepEqual([answer.checked, answer.limit, answer.plans_that_allow], [true, 2, ["pro"]]);
  const sso = await account.check({ feature: "sso" });
  assert.equal(sso.allowed, false);

  const refused = await thrown(account.staff.create({ name: "Cy" }, { idempotencyKey: "seat-3" }));
  switch (refused.code) {
    case "staff_limit_exceeded":
      assert(refused instanceof LimitExceeded && refused instanceof HeadroomError);
      assert.deepEqual([refused.metric, refused.meter, refused.limit, refused.used], ["staff", "staff", 2, 2]);
      assert.deepEqual([refused.requested, refused.plans_that_allow, refused.status], [1, ["pro"], 403]);
      assert.match(String(refused.requestId), /^\w+$/);
      break;
    default:
      assert.fail(refused);
  }
  const emails = await thrown(account.usage.record({ meter: "emails", quantity: 1001 }));
  assert(emails instanceof LimitExceeded);
  assert.deepEqual([emails.code, emails.meter, emails.requested], ["limit_exceeded", "emails", 1001]);
  assert.deepEqual(emails.exceeded.map(({ metric }) => metric), ["emails"]);
  assert.equal(typeof emails.window?.end, "string");

  const invalid = await thrown(account.staff.create({ name: " ", email: "ann" }));
  assert(invalid.code === "validation_failed");
  assert.deepEqual(invalid.errors.map(({ pointer }) => pointer), ["/name", "/email"]);

  // An upgrade helps, as the refusal said; the dry run says what it would do.
  const preview = await account.subscribe({ plan: "pro" }, { dryRun: true });
  assert.deepEqual([preview.plan, responseOf(preview)?.isDryRun], ["pro", true]);
  assert.equal((await account.subscription.get()).plan, "basic");
  await account.subscribe({ plan: "pro" });
  const cy = await account.staff.create({ name: "Cy" }, { idempotencyKey: "seat-3" });
  const again = await account.staff.create({ name: "Cy" }, { idempotencyKey: "seat-3" });
  assert.deepEqual([again.id, responseOf(again)?.isReplayed], [cy.id, true]);
}

async function versions() {
  const seen = await account.get();
  const renamed = await account.update({ name: "Our Salon" }, { ifMatch: seen });
  const late = await thrown(account.update({ name: "Their Salon" }, { ifMatch: seen }));
  assert.equal(late.code, "precondition_failed");
  assert.equal(await account.get({ ifNoneMatch: renamed }), renamed);
}

/** A proxy that cuts the connection instead of the next response to a request that begins like this. */
async function proxy() {
  const { hostname, port } = new URL(baseUrl ?? "");
  const state = { cutAfter: "", cuts: 0 };
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    let isDoomed = false;
    client.on("data", (request) => {
      if (state.cutAfter !== "" && request.toString("latin1").startsWith(state.cutAfter)) {
        isDoomed = true;
        state.cutAfter = "";
      }
      upstream.write(request);
    });
    upstream.on("data", (response) => {
      // The server has answered: the request was carried out.
      if (isDoomed) {
        assert.match(response.toString("latin1"), /^HTTP\/1\.1 20[01] /);
        state.cuts += 1;
        client.destroy();
      } else {
        client.write(response);
      }
    });
    for (const [one, other] of [[client, upstream], [upstream, client]] as const) {
      one.on("close", () => other.destroy());
      one.on("error", () => other.destroy());
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, state, close: () => server.close() };
}

async function lostResponse() {
  const { url, state, close } = await proxy();
  const through = new Headroom({ baseUrl: url, ...credentials, retryDelayMs: 20 }).account(id);
  state.cutAfter = `POST /accounts/${id}/usage`;
  const usage = await through.usage.record({ meter: "emails", quantity: 3 });
  assert.equal(state.cuts, 1);
  const response = responseOf(usage);
  assert.deepEqual([response?.attempts, response?.isReplayed, usage.quantity], [2, true, 3]);
  // It was carried out once.
  assert.deepEqual(await account.usage.list({ meter: "emails" }).toArray(10), [usage]);
  const history = await account.usage.history({ metric: "emails" });
  assert.deepEqual(history.data.map(({ used }) => used), [3]);

  // Without a repetition the error says so, and has the key with which the request can be sent later.
  state.cutAfter = `POST /accounts/${id}/bookings`;
  const lost = await thrown(through.bookings.create({ notes: "once" }, { maxRetries: 0 }));
  assert.deepEqual([lost.code, lost.isOutcomeUnknown, state.cuts], ["connection_failed", true, 2]);
  const later = await account.bookings.create({ notes: "once" }, { idempotencyKey: lost.idempotencyKey });
  assert.equal(responseOf(later)?.isReplayed, true);
  const bookings: Booking[] = await account.bookings.list().toArray(100);
  assert.equal(bookings.filter(({ notes }) => notes === "once").length, 1);
  close();
}

async function longList() {
  for (let batch = 0; batch < 50; batch += 1) {
    const { items } = await account.usage.recordAll(Array.from({ length: 20 }, () => ({ meter: "emails" })));
    assert.equal(items.length, 20);
  }
  const ids = new Set<string | null>();
  for await (const usage of account.usage.list({ meter: "emails" })) ids.add(usage.id);
  // With the one that was lost.
  assert.equal(ids.size, 1001);
  let pages = 0;
  for await (const { data } of account.usage.list({ limit: 50 }).pages()) {
    pages += 1;
    assert(data.length <= 50);
  }
  assert(pages >= 21, `${pages} pages`);
}

async function holds() {
  const usedOf = async (metric: string) =>
    (await account.entitlements()).entitlements.find((it) => it.metric === metric)?.used;
  const hold = await account.holds.create({ meter: "emails", quantity: 10, expires_in_seconds: 600 });
  assert.deepEqual([hold.state, await usedOf("emails")], ["held", 1013]);
  const extended = await account.holds.extend(hold.id, 1200, { ifMatch: hold });
  assert(extended.expires_at > hold.expires_at);
  const confirmed = await account.holds.confirm(hold.id, { quantity: 4 });
  assert.deepEqual([confirmed.state, await usedOf("emails")], ["confirmed", 1007]);
  assert.equal((await account.usage.get(confirmed.usage_id ?? assert.fail())).quantity, 4);

  const seat = await account.holds.create({ meter: "staff", expires_in_seconds: 600, reference: "invite:42" });
  assert.equal(await usedOf("staff"), 4);
  assert.equal((await account.holds.release(seat.id)).state, "released");
  assert.equal(await usedOf("staff"), 3);
  assert.equal((await thrown(account.holds.confirm(seat.id))).code, "conflict");
  const states = (await account.holds.list().toArray(10)).map(({ state }) => state);
  assert.deepEqual(states, ["released", "confirmed"]);
}

async function apiKey() {
  const { id: key, secret } = await headroom.apiKeys.create({ name: "Web shop", scope: "read" });
  const shop = new Headroom({ baseUrl: baseUrl ?? "", apiKey: secret });
  assert.equal((await shop.account(id).get()).name, "Our Salon");
  assert.equal((await thrown(shop.account(id).staff.create({ name: "Di" }))).code, "forbidden");
  await headroom.apiKeys.revoke(key);
  assert.equal((await thrown(shop.users.me())).code, "invalid_token");
}

async function outage() {
  const { url, close } = await proxy();
  close();
  const settings = { baseUrl: url, apiKey: "hr_live_1", maxRetries: 1, retryDelayMs: 1 };
  const closed = await thrown(new Headroom(settings).account(id).check({ metric: "staff" }));
  assert.equal(closed.code, "connection_failed");
  const open = await new Headroom({ ...settings, failOpen: true }).account(id).check({ metric: "staff" });
  assert.deepEqual([open.allowed, open.checked], [true, false]);
}

async function thrown(promise: Promise<unknown>) {
  const error: unknown = await promise.then(() => assert.fail("it was not refused"), (error: unknown) => error);
  assert(isHeadroomError(error), String(error));
  return error;
}

console.log("the tour went well: tour.js");
