// Repetitions: what is sent again, with which key, after which wait.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectionFailed, isHeadroomError, responseOf } from "../src/index.js";
import { ANN, client, cut, empty, json, NotingClock, problem, rejection, serve, silence } from "./support.js";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test("the idempotency key and the body stay the same over all attempts", async () => {
  const unavailable = problem(503, "unavailable", {}, { "Retry-After": "1" });
  const { url, received } = await serve(cut, unavailable, problem(503, "outcome_unknown"), json(201, ANN));
  const ann = await client(url).account("acct_1").staff.create({ name: "Ann" });
  assert.equal(ann.id, "staff_1");
  assert.equal(received.length, 4);
  const keys = new Set(received.map(({ headers }) => headers["idempotency-key"]));
  assert.equal(keys.size, 1);
  assert.match(String([...keys][0]), UUID);
  assert.deepEqual(new Set(received.map(({ body }) => body)), new Set(['{"name":"Ann"}']));
  assert.equal(responseOf(ann)?.attempts, 4);
  assert.equal(responseOf(ann)?.idempotencyKey, [...keys][0]);
});

test("two calls have two keys", async () => {
  const { url, received } = await serve(json(201, ANN));
  const { staff } = client(url).account("acct_1");
  await staff.create({ name: "Ann" });
  await staff.create({ name: "Ann" });
  assert.notEqual(received[0]?.headers["idempotency-key"], received[1]?.headers["idempotency-key"]);
});

test("a key of the caller is sent as it is", async () => {
  const { url, received } = await serve(json(201, ANN));
  await client(url).account("acct_1").staff.create({ name: "Ann" }, { idempotencyKey: "seat-1" });
  assert.equal(received[0]?.headers["idempotency-key"], "seat-1");
});

test("requests that take no key have none", async () => {
  const { url, received } = await serve(json(200, ANN), json(200, ANN), empty(204));
  const { staff } = client(url).account("acct_1");
  await staff.get("staff_1");
  await staff.update("staff_1", { name: "Bo" });
  await staff.remove("staff_1");
  assert.deepEqual(received.map(({ method }) => method), ["GET", "PATCH", "DELETE"]);
  assert.deepEqual(received.map(({ headers }) => headers["idempotency-key"]), [undefined, undefined, undefined]);
});

test("waits double up to the longest, and vary", async () => {
  const clock = new NotingClock();
  const { url } = await serve(cut);
  const headroom = client(url, { maxRetries: 5, retryDelayMs: 100, maxRetryDelayMs: 500 }, { apiKey: "k" }, clock);
  const error = await rejection(headroom.users.me());
  assert(error instanceof ConnectionFailed);
  assert.equal(error.attempts, 6);
  // Three quarters of the backoff, because the random number is one half.
  assert.deepEqual(clock.waits, [75, 150, 300, 375, 375]);
});

test("a wait is at least what Retry-After asks for", async () => {
  const clock = new NotingClock();
  const limited = problem(429, "rate_limited", {}, { "Retry-After": "3" });
  const { url } = await serve(limited, json(200, ANN));
  await client(url, {}, { apiKey: "k" }, clock).account("acct_1").staff.get("staff_1");
  assert.deepEqual(clock.waits, [3150]);
});

test("a Retry-After beyond the longest wait is not waited for", async () => {
  const clock = new NotingClock();
  const { url, received } = await serve(problem(429, "rate_limited", {}, { "Retry-After": "60" }));
  const error = await rejection(client(url, {}, { apiKey: "k" }, clock).users.me());
  assert(isHeadroomError(error));
  assert.deepEqual([error.code, error.retryAfterSeconds, received.length], ["rate_limited", 60, 1]);
  assert.deepEqual(clock.waits, []);
});

test("the last error is thrown, with the key for later", async () => {
  const { url, received } = await serve(problem(503, "outcome_unknown"));
  const error = await rejection(client(url, { maxRetries: 2 }).account("acct_1").staff.create({ name: "Ann" }));
  assert(isHeadroomError(error));
  assert.deepEqual([error.code, error.attempts, error.isOutcomeUnknown], ["outcome_unknown", 3, true]);
  assert.equal(error.idempotencyKey, received[0]?.headers["idempotency-key"]);
});

test("an outcome that was unknown stays unknown", async () => {
  const busy = problem(503, "unavailable");
  const { url, received } = await serve(cut, busy);
  const error = await rejection(client(url).account("acct_1").staff.create({ name: "Ann" }));
  assert(isHeadroomError(error));
  assert.deepEqual([error.code, error.isOutcomeUnknown, error.attempts], ["connection_failed", true, 5]);
  assert.equal(error.idempotencyKey, received[0]?.headers["idempotency-key"]);
  // What is read has no outcome: the last error says more.
  const read = await serve(cut, busy);
  const last = await rejection(client(read.url).users.me());
  assert(isHeadroomError(last));
  assert.equal(last.code, "unavailable");
});

for (const [status, code] of [
  [400, "invalid_parameter"],
  [401, "invalid_token"],
  [403, "subscription_required"],
  [404, "not_found"],
  [409, "conflict"],
  [412, "precondition_failed"],
  [422, "idempotency_key_reused"],
  [500, "internal"],
] as const) {
  test(`${code} is not repeated`, async () => {
    const { url, received } = await serve(problem(status, code));
    const error = await rejection(client(url).account("acct_1").staff.create({ name: "Ann" }));
    assert(isHeadroomError(error));
    assert.deepEqual([error.code, error.status, error.attempts, received.length], [code, status, 1, 1]);
    assert.equal(error.isOutcomeUnknown, false);
  });
}

test("a proxy that does not reach the server is repeated", async () => {
  const gateway = (status: number) => empty(status, { "Content-Type": "text/html" });
  const { url, received } = await serve(gateway(502), gateway(503), gateway(504), json(200, ANN));
  await client(url).account("acct_1").staff.get("staff_1");
  assert.equal(received.length, 4);
});

test("a change of one version is not repeated after a lost response", async () => {
  const lost = [cut, problem(503, "outcome_unknown"), empty(504)];
  for (const answer of lost) {
    const { url, received } = await serve(answer);
    const { staff } = client(url).account("acct_1");
    const error = await rejection(staff.update("staff_1", { name: "Bo" }, { ifMatch: '"1"' }));
    assert(isHeadroomError(error));
    assert.deepEqual([received.length, error.isOutcomeUnknown], [1, true]);
  }
});

test("a change of one version is repeated if nothing was written", async () => {
  const { url, received } = await serve(problem(503, "unavailable"), json(200, ANN));
  await client(url).account("acct_1").staff.update("staff_1", { name: "Bo" }, { ifMatch: '"1"' });
  assert.deepEqual(received.map(({ headers }) => headers["if-match"]), ['"1"', '"1"']);
});

test("a change of any version and a removal are repeated after a lost response", async () => {
  const { url, received } = await serve(cut, json(200, ANN), cut, empty(204));
  const { staff } = client(url).account("acct_1");
  await staff.update("staff_1", { name: "Bo" });
  await staff.remove("staff_1", { ifMatch: '"1"' });
  assert.deepEqual(received.map(({ method }) => method), ["PATCH", "PATCH", "DELETE", "DELETE"]);
});

test("an attempt has a time-out, and the next one its own", async () => {
  const { url, received } = await serve(silence, json(200, ANN));
  const ann = await client(url).account("acct_1").staff.get("staff_1", { timeoutMs: 500 });
  assert.deepEqual([responseOf(ann)?.attempts, received.length], [2, 2]);
});

test("a body that does not arrive counts for the time-out", async () => {
  const { url } = await serve((response) => {
    response.writeHead(200, { "Content-Length": "100" });
    response.write("{");
  });
  const error = await rejection(client(url, { maxRetries: 0, timeoutMs: 50 }).users.me());
  assert(isHeadroomError(error));
  assert.deepEqual([error.code, error.status, error.isOutcomeUnknown], ["timeout", 0, true]);
});

test("no repetition is possible", async () => {
  const { url, received } = await serve(cut);
  await rejection(client(url).users.me({ maxRetries: 0 }));
  assert.equal(received.length, 1);
});

test("a caller aborts a request, and gets their own reason", async () => {
  const controller = new AbortController();
  const { url, received } = await serve(() => controller.abort(new Error("the user left")));
  const error = await rejection(client(url).users.me({ signal: controller.signal, maxRetries: 0 }));
  assert.equal((error as Error).message, "the user left");
  assert.equal(received.length, 1);
});

test("a caller ends the wait for the next attempt", async () => {
  const controller = new AbortController();
  const { url, received } = await serve(problem(503, "unavailable", {}, { "Retry-After": "9" }));
  // The clock of the system: it would wait for nine seconds.
  const { Headroom } = await import("../src/index.js");
  const headroom = new Headroom({
    baseUrl: url,
    apiKey: "k",
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      setImmediate(() => controller.abort(new Error("enough")));
      return response;
    },
  });
  const error = await rejection(headroom.users.me({ signal: controller.signal }));
  assert.deepEqual([(error as Error).message, received.length], ["enough", 1]);
});

test("an aborted signal sends nothing", async () => {
  const { url, received } = await serve(json(200, ANN));
  await rejection(client(url).users.me({ signal: AbortSignal.abort() }));
  assert.equal(received.length, 0);
});
