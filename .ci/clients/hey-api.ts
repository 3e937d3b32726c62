// The tour of README with the client that @hey-api/openapi-ts makes of the document.

import assert from "node:assert/strict";
import { client } from "./generated/hey-api/client.gen.js";
import {
  addStaffMember,
  createBooking,
  createToken,
  health,
  listBookings,
  listEntitlements,
  openAccount,
  subscribe,
} from "./generated/hey-api/sdk.gen.js";

const baseUrl = process.env["HEADROOM_URL"];
assert(baseUrl);
client.setConfig({ baseUrl });

const token = await createToken({ body: { username: "user", password: "user" } });
assert(token.data);
client.setConfig({ auth: token.data.access_token });

const account = await openAccount({ body: { name: "My Salon" } });
assert(account.data);
const path = { account_id: account.data.id };

const subscription = await subscribe({ path, body: { plan: "basic" } });
assert.equal(subscription.data?.plan, "basic");

const member = await addStaffMember({ path, body: { name: "Ann" } });
assert.equal(member.data?.name, "Ann");

const booking = await createBooking({ path, body: {} });
assert(booking.data);

const entitlements = await listEntitlements({ path });
assert.equal(entitlements.data?.plan, "basic");

// The plan permits five bookings a day.
for (let made = 1; made < 5; made += 1) {
  const headers = { "Idempotency-Key": `booking-${made}` };
  const more = await createBooking({ path, headers, body: { customer_name: "Ben" } });
  assert(more.data);
}
const { error } = await createBooking({ path, body: {} });
assert(error);
switch (error.code) {
  case "booking_limit_exceeded":
  case "staff_limit_exceeded":
    // Known by the code alone: a problem of another kind has no limit.
    assert.equal(error.limit, 5);
    assert.deepEqual(error.plans_that_allow, ["pro"]);
    break;
  case "validation_failed":
    assert.fail(error.errors[0]?.detail ?? error.detail);
  default:
    assert.fail(error.detail);
}

const ids = new Set<string>();
let pages = 0;
for (let cursor: string | null | undefined; cursor !== null; pages += 1) {
  const query = cursor === undefined ? { limit: 2 } : { limit: 2, cursor };
  const page = await listBookings({ path, query });
  assert(page.data);
  page.data.data.forEach(({ id }) => ids.add(id));
  cursor = page.data.next_cursor;
}
assert.deepEqual([pages, ids.size], [3, 5]);

const healthy = await health();
assert.equal(healthy.data?.status, "ok");
