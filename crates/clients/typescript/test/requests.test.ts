// How a request looks: URLs, headers, bodies, versions, dry runs.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Headroom, isHeadroomError, responseOf } from "../src/index.js";
import { ANN, client, empty, json, NotingClock, rejection, serve } from "./support.js";

test("the base URL may have a path and a slash at its end", async () => {
  const { url, received } = await serve(json(200, { status: "ok" }));
  await client(`${url}/headroom/`).health();
  await client(url).health();
  assert.deepEqual(received.map((it) => it.url), ["/headroom/health", "/health"]);
});

test("a base URL that cannot be one is found at once", () => {
  for (const baseUrl of ["localhost:8000", "ftp://localhost", "http://localhost/?a=b", "http://a:b@localhost", ""]) {
    assert.throws(() => new Headroom({ baseUrl }), TypeError, baseUrl);
  }
});

test("a request that cannot be sent is not repeated", async () => {
  const { url, received } = await serve(json(200, {}));
  const clock = new NotingClock();
  for (const headers of [{ Expect: "100-continue" }, { Connection: "upgrade" }, { "X-Shop": "a\nb" }]) {
    const error = await rejection(client(url, { headers }, { apiKey: "k" }, clock).users.me());
    assert(error instanceof TypeError, String(error));
  }
  assert.deepEqual([clock.waits, received.length], [[], 0]);
});

test("parts of a path are encoded", async () => {
  const { url, received } = await serve(json(200, {}));
  await client(url).account("acct_1").allocations("files").get("a/b c?#ü%");
  assert.equal(received[0]?.url, "/accounts/acct_1/allocations/files/a%2Fb%20c%3F%23%C3%BC%25");
});

test("a part of a path that would lead elsewhere is refused", async () => {
  const { url, received } = await serve(json(200, {}));
  for (const id of ["", ".", "..", undefined as unknown as string]) {
    assert((await rejection(client(url).account("acct_1").staff.remove(id))) instanceof TypeError, id);
    assert((await rejection(client(url).account(id).remove())) instanceof TypeError, id);
  }
  assert.equal(received.length, 0);
});

test("filters are query parameters, and those that are undefined are not sent", async () => {
  const { url, received } = await serve(json(200, { data: [], next_cursor: null }));
  await client(url).account("acct_1").bookings.list({ from: "2040-05-01", include_deleted: true }).page();
  await client(url).accounts.list({ external_id: "a&b" }).page();
  const parameters = received.map((it) => Object.fromEntries(new URL(it.url, url).searchParams));
  assert.deepEqual(parameters, [
    { from: "2040-05-01", include_deleted: "true", limit: "100" },
    { external_id: "a&b", limit: "100" },
  ]);
});

test("headers of the client and of the request are sent", async () => {
  const { url, received } = await serve(json(200, {}));
  const headroom = client(url, { headers: { "X-Request-Id": "all", "X-Shop": "1" } });
  await headroom.users.me({ headers: { "x-request-id": "one" } });
  const { headers } = received[0] ?? assert.fail();
  assert.deepEqual([headers["x-request-id"], headers["x-shop"], headers.accept], ["one", "1", "application/json"]);
  assert.equal(headers["content-type"], undefined);
});

test("a request of credentials is sent with the API key, a public one without", async () => {
  const { url, received } = await serve(json(200, { data: [], next_cursor: null }));
  await client(url).users.me();
  await client(url).plans.list();
  assert.deepEqual(received.map(({ headers }) => headers.authorization), ["Bearer hr_live_1", undefined]);
});

test("a dry run is requested, and its answer is marked", async () => {
  const { url, received } = await serve(json(200, ANN, { "Dry-Run": "true" }));
  const ann = await client(url).account("acct_1").staff.create({ name: "Ann" }, { dryRun: true });
  assert.equal(received[0]?.url, "/accounts/acct_1/staff?dry_run=true");
  assert.equal(responseOf(ann)?.isDryRun, true);
});

test("a removal has a dry run, too", async () => {
  const { url, received } = await serve(empty(204));
  const account = client(url).account("acct_1");
  await account.overrides.remove("staff", { dryRun: true });
  await account.grants.remove("grant_1", { dryRun: true });
  const paths = ["overrides/staff", "grants/grant_1"].map((path) => `/accounts/acct_1/${path}?dry_run=true`);
  assert.deepEqual(received.map((it) => it.url), paths);
});

test("the response is available beside the body", async () => {
  const headers = { ETag: '"7"', "X-Request-Id": "abc", "Idempotency-Replayed": "true" };
  const { url } = await serve(json(201, ANN, headers));
  const ann = await client(url).account("acct_1").staff.create({ name: "Ann" }, { idempotencyKey: "k" });
  assert.deepEqual(ann, ANN);
  assert.deepEqual(responseOf(ann), {
    status: 201,
    etag: '"7"',
    requestId: "abc",
    idempotencyKey: "k",
    isReplayed: true,
    isDryRun: false,
    attempts: 1,
  });
  assert.equal(responseOf({ ...ann }), undefined);
});

test("a resource is its version", async () => {
  const { url, received } = await serve(json(200, ANN, { ETag: '"7"' }), json(200, ANN, { ETag: '"8"' }), empty(204));
  const { staff } = client(url).account("acct_1");
  const seen = await staff.get("staff_1");
  const changed = await staff.update("staff_1", { name: "Bo" }, { ifMatch: seen });
  await staff.remove("staff_1", { ifMatch: changed });
  assert.deepEqual(received.map(({ headers }) => headers["if-match"]), [undefined, '"7"', '"8"']);
});

test("an object whose version is not known is not sent as one", async () => {
  const { url, received } = await serve(json(200, ANN));
  const { staff } = client(url).account("acct_1");
  assert((await rejection(staff.update("staff_1", {}, { ifMatch: { ...ANN } }))) instanceof TypeError);
  assert((await rejection(staff.get("staff_1", { ifNoneMatch: { ...ANN } }))) instanceof TypeError);
  assert.equal(received.length, 0);
});

test("a resource that has not changed is the same object", async () => {
  const { url, received } = await serve(json(200, ANN, { ETag: '"7"' }), empty(304), json(200, ANN, { ETag: '"8"' }));
  const { staff } = client(url).account("acct_1");
  const first = await staff.get("staff_1");
  const second = await staff.get("staff_1", { ifNoneMatch: first });
  assert.equal(second, first);
  const third = await staff.get("staff_1", { ifNoneMatch: second });
  assert.notEqual(third, first);
  assert.deepEqual(received.map(({ headers }) => headers["if-none-match"]), [undefined, '"7"', '"7"']);
});

test("a redirect is not followed, and says where it leads", async () => {
  const { url, received } = await serve(empty(308, { Location: "https://example.com/accounts" }));
  const error = await rejection(client(url).accounts.create({ name: "My Salon" }));
  assert(isHeadroomError(error));
  assert.deepEqual([error.code, error.status, received.length], ["unexpected_response", 308, 1]);
  assert.match(error.detail, /https:\/\/example\.com\/accounts/);
});

test("a success that is not JSON is an error", async () => {
  const { url } = await serve((response) => response.writeHead(200).end("<html>Welcome</html>"));
  const error = await rejection(client(url).users.me());
  assert(isHeadroomError(error));
  assert.deepEqual([error.code, error.status], ["unexpected_response", 200]);
});

test("any operation can be sent by its id", async () => {
  const { url, received } = await serve(json(200, ANN));
  const path = { account_id: "acct_1", staff_id: "staff_1" };
  const ann = await client(url).request("find_staff_member", { path });
  assert.deepEqual([ann.name, received[0]?.url], ["Ann", "/accounts/acct_1/staff/staff_1"]);
});
