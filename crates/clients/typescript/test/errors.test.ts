// Errors: their classes and fields, and how a switch over the code narrows them.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type AnyHeadroomError,
  HeadroomError,
  isHeadroomError,
  LimitExceeded,
  OverLimit,
  RequestRefused,
  ValidationFailed,
} from "../src/index.js";
import { type Answer, client, problem, REFUSAL, rejection, serve } from "./support.js";

async function errorOf(answer: Answer): Promise<AnyHeadroomError> {
  const { url } = await serve(answer);
  const error = await rejection(client(url, { maxRetries: 0 }).account("acct_1").staff.create({ name: "Ann" }));
  assert(isHeadroomError(error));
  return error;
}

/** What a program does, by the code alone: it compiles only if each code narrows the error to its class. */
function reaction(error: AnyHeadroomError): string {
  switch (error.code) {
    case "staff_limit_exceeded":
    case "booking_limit_exceeded":
    case "limit_exceeded":
      return `${error.metric} ${error.used}/${error.limit}: ${error.plans_that_allow.join()}`;
    case "validation_failed":
    case "unknown_field":
      return error.errors.map(({ pointer }) => pointer).join();
    case "over_limit":
      return error.exceeded.map(({ excess }) => excess).join();
    case "subscription_required":
      return "show the prices";
    default:
      return error.detail;
  }
}

test("a refused limit has its fields", async () => {
  const error = await errorOf(problem(403, "staff_limit_exceeded", REFUSAL));
  assert(error instanceof LimitExceeded);
  assert(error instanceof HeadroomError && error instanceof Error);
  const { metric, meter, limit, used, requested, remaining, plans_that_allow } = error;
  assert.deepEqual(
    { metric, meter, limit, used, requested, remaining, plans_that_allow },
    { metric: "staff", meter: "staff", limit: 2, used: 2, requested: 1, remaining: 0, plans_that_allow: ["pro"] },
  );
  assert.deepEqual([error.window, error.next_allowed_at, error.exceeded], [null, null, []]);
  assert.deepEqual([error.status, error.requestId, error.name], [403, "0123456789abcdef", "LimitExceeded"]);
  assert.equal(error.message, "Why it is staff_limit_exceeded. (staff_limit_exceeded, request 0123456789abcdef)");
  assert.equal(reaction(error), "staff 2/2: pro");
});

test("a refused limit of a custom catalogue says when there is room again", async () => {
  const window = { start: "2026-03-29T00:00:00Z", end: "2026-03-30T00:00:00Z", time_zone: "UTC" };
  const exceeded = [{ metric: "sms", limit: 1, used: 1, requested: 1, remaining: 0, window, next_allowed_at: window.end }];
  const more = { metric: "sms_per_day", meter: "sms", window, next_allowed_at: window.end, exceeded };
  const error = await errorOf(problem(403, "limit_exceeded", { ...REFUSAL, ...more }));
  assert(error instanceof LimitExceeded);
  assert.deepEqual([error.meter, error.window, error.next_allowed_at], ["sms", window, window.end]);
  assert.deepEqual(error.exceeded, exceeded);
});

test("a built-in metric names its meter", async () => {
  const error = await errorOf(problem(403, "booking_limit_exceeded", { ...REFUSAL, metric: "bookings_per_day" }));
  assert(error instanceof LimitExceeded);
  assert.equal(error.meter, "bookings");
});

test("faulty fields are listed", async () => {
  const errors = [{ pointer: "/name", code: "blank", detail: "It is blank." }];
  for (const code of ["validation_failed", "unknown_field"]) {
    const error = await errorOf(problem(422, code, { errors }));
    assert(error instanceof ValidationFailed);
    assert.deepEqual(error.errors, errors);
    assert.equal(reaction(error), "/name");
    assert.match(error.message, /\n\/name: blank: It is blank\.$/);
  }
});

test("a rejected change of plan lists each excess", async () => {
  const exceeded = [{ metric: "staff", day: null, used: 5, new_limit: 2, excess: 3 }];
  const error = await errorOf(problem(409, "over_limit", { exceeded }));
  assert(error instanceof OverLimit);
  assert.equal(reaction(error), "3");
});

test("other problems have their code, and all fields as they came", async () => {
  const error = await errorOf(problem(409, "conflict", { id: "acct_2" }));
  assert(error instanceof RequestRefused);
  assert.deepEqual([error.code, error.title, error.problem?.["id"]], ["conflict", "A title", "acct_2"]);
  assert.equal(reaction(error), "Why it is conflict.");
  assert.equal(reaction(await errorOf(problem(403, "subscription_required"))), "show the prices");
});

test("a code of a newer server is an error with that code", async () => {
  const error = await errorOf(problem(418, "teapot"));
  assert(error instanceof RequestRefused);
  assert.deepEqual([error.status, String(error.code)], [418, "teapot"]);
});

test("what is not a problem is an unexpected response", async () => {
  const bodies = ["", "null", "[]", "{", '{"code":7,"detail":"x"}', "<html></html>"];
  for (const body of bodies) {
    const error = await errorOf((response) => response.writeHead(404, { "X-Request-Id": "r" }).end(body));
    assert.deepEqual([error.code, error.status, error.requestId], ["unexpected_response", 404, "r"], body);
  }
});

test("Retry-After may be a date", async () => {
  const inAMinute = new Date(Date.now() + 60_000).toUTCString();
  const { retryAfterSeconds } = await errorOf(problem(503, "unavailable", {}, { "Retry-After": inAMinute }));
  assert(retryAfterSeconds !== undefined && retryAfterSeconds > 50 && retryAfterSeconds <= 60, `${retryAfterSeconds}`);
});
