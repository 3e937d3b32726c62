// Every operation of the OpenAPI document has a method.

import assert from "node:assert/strict";
import { test } from "node:test";
import { OPERATIONS, type Operation } from "../src/generated/operations.js";
import { client, json, serve } from "./support.js";

/** Each parameter in a path has a value of its own, by which the operation is recognized. */
const VALUES: Record<string, string> = {
  account_id: "acct_1",
  api_key_id: "key_1",
  booking_id: "bkg_1",
  grant_id: "grant_1",
  hold_id: "hold_1",
  key: "file-7",
  meter: "storage",
  metric: "staff",
  staff_id: "staff_1",
  use_id: "use_1",
  user_id: "ann",
};

const name = ({ method, path }: Operation) => `${method} ${path.replace(/\{(\w+)\}/g, (_, key: string) => VALUES[key] ?? key)}`;

test("every operation has a method", async () => {
  const token = { access_token: "a", refresh_token: "r", token_type: "bearer", expires_in: 900 };
  const body = { ...token, data: [], next_cursor: null, checks: [], items: [] };
  const { url, received } = await serve((response, it) => json(200, body)(response, it));
  const headroom = client(url, {}, { username: "user", password: "secret" });
  const account = headroom.account("acct_1");
  const allocations = account.allocations("storage");

  await headroom.health();
  await headroom.ready();
  await headroom.publicKeys();
  await headroom.plans.list();
  await headroom.plans.reload();
  await headroom.accounts.create({ name: "My Salon" });
  await headroom.accounts.list().page();
  await headroom.accounts.nearLimits().page();
  await headroom.users.register({ username: "ann", password: "a quiet river" });
  await headroom.users.me();
  await headroom.users.updateMe({ username: "bo" });
  await headroom.users.changePassword({ password: "a", new_password: "b" });
  await headroom.users.deleteMe();
  await headroom.users.erase("ann");
  await headroom.apiKeys.create({ name: "Web shop", scope: "read" });
  await headroom.apiKeys.list().page();
  await headroom.apiKeys.get("key_1");
  await headroom.apiKeys.revoke("key_1");

  await account.get();
  await account.update({ name: "Our Salon" });
  await account.remove();
  await account.restore();
  await account.erase();
  await account.transfer("ann");
  await account.audit().page();
  await account.subscribe({ plan: "basic" });
  await account.unsubscribe();
  await account.entitlements();
  await account.check({ metric: "staff" });
  await account.subscription.get();
  await account.subscription.preview({ plan: "pro" });
  await account.subscription.cancelScheduledChange();
  await account.subscription.history().page();
  await account.members.list().page();
  await account.members.get("ann");
  await account.members.put("ann", "manager");
  await account.members.remove("ann");
  await account.overrides.list().page();
  await account.overrides.put("staff", { limit: 4, reason: "Trial" });
  await account.overrides.remove("staff");
  await account.grants.create({ metric: "staff", quantity: 5, reason: "Add-on" });
  await account.grants.list().page();
  await account.grants.get("grant_1");
  await account.grants.remove("grant_1");
  await account.staff.create({ name: "Ann" });
  await account.staff.list().page();
  await account.staff.get("staff_1");
  await account.staff.update("staff_1", { name: "Bo" });
  await account.staff.remove("staff_1");
  await account.staff.restore("staff_1");
  await account.bookings.create();
  await account.bookings.list().page();
  await account.bookings.get("bkg_1");
  await account.bookings.update("bkg_1", { notes: null });
  await account.bookings.remove("bkg_1");
  await account.bookings.restore("bkg_1");
  await account.usage.record({ meter: "sms" });
  await account.usage.list().page();
  await account.usage.get("use_1");
  await account.usage.remove("use_1");
  await account.usage.history();
  await allocations.put("file-7", { quantity: 512 });
  await allocations.get("file-7");
  await allocations.remove("file-7");
  await allocations.list().page();
  await allocations.replace(["a"]);
  await account.holds.create({ meter: "staff", expires_in_seconds: 60 });
  await account.holds.list().page();
  await account.holds.get("hold_1");
  await account.holds.confirm("hold_1");
  await account.holds.release("hold_1");
  await account.holds.extend("hold_1", 60);
  await headroom.logout();

  // A login and a refresh are sent by themselves (credentials.test.ts).
  const sent = new Set(received.map((it) => `${it.method} ${it.url.split("?")[0]}`));
  const missing = Object.values(OPERATIONS).map(name).filter((it) => !sent.has(it));
  assert.deepEqual(missing, ["POST /token/refresh"]);
  const known = new Set(Object.values(OPERATIONS).map(name));
  assert.deepEqual([...sent].filter((it) => !known.has(it)), []);
});

test("every POST takes a key, except those that write nothing, and those of tokens", () => {
  // They are repeated after a lost response without a key: a new one must be safe to repeat.
  const without = Object.entries(OPERATIONS).filter(([, it]) => it.method === "POST" && !it.idempotencyKey);
  assert.deepEqual(
    without.map(([id]) => id).sort(),
    ["check", "create_token", "preview_plan_change", "refresh_token", "revoke_token"],
  );
});
