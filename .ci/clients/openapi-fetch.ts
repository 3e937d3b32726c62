// The tour of README with the client that openapi-typescript and openapi-fetch make of the document.

import assert from "node:assert/strict";
import createClient from "openapi-fetch";
import type { paths } from "./generated/openapi.js";

const baseUrl = process.env["HEADROOM_URL"];
assert(baseUrl);
const client = createClient<paths>({ baseUrl });

const token = await client.POST("/token", { body: { username: "user", password: "user" } });
assert(token.data);
const { access_token } = token.data;
client.use({
  onRequest({ request }) {
    request.headers.set("Authorization", `Bearer ${access_token}`);
    return request;
  },
});

const account = await client.POST("/accounts", { body: { name: "My Salon" } });
assert(account.data);
const path = { account_id: account.data.id };

const subscription = await client.POST("/accounts/{account_id}/subscribe", {
  params: { path },
  body: { plan: "basic" },
});
assert.equal(subscription.data?.plan, "basic");

const member = await client.POST("/accounts/{account_id}/staff", { params: { path }, body: { name: "Ann" } });
assert.equal(member.data?.name, "Ann");

const booking = await client.POST("/accounts/{account_id}/bookings", { params: { path }, body: {} });
assert(booking.data);

const entitlements = await client.GET("/accounts/{account_id}/entitlements", { params: { path } });
assert.equal(entitlements.data?.plan, "basic");

// The plan permits five bookings a day.
for (let made = 1; made < 5; made += 1) {
  const more = await client.POST("/accounts/{account_id}/bookings", {
    params: { path, header: { "Idempotency-Key": `booking-${made}` } },
    body: { customer_name: "Ben" },
  });
  assert(more.data);
}
const { error } = await client.POST("/accounts/{account_id}/bookings", { params: { path }, body: {} });
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
  const page = await client.GET("/accounts/{account_id}/bookings", { params: { path, query } });
  assert(page.data);
  page.data.data.forEach(({ id }) => ids.add(id));
  cursor = page.data.next_cursor;
}
assert.deepEqual([pages, ids.size], [3, 5]);

const health = await client.GET("/health");
assert.equal(health.data?.status, "ok");
