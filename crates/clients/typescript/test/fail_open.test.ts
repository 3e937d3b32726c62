// Failing closed, and open: what an answer says if Headroom gives none.

import assert from "node:assert/strict";
import { test } from "node:test";
import { isHeadroomError } from "../src/index.js";
import { type Answer, client, cut, empty, json, problem, REFUSAL, rejection, serve } from "./support.js";

const { requested: _, ...ANSWER } = REFUSAL;
const CHECK = { ...ANSWER, allowed: false, code: "staff_limit_exceeded", quantity: 1 };
const ENTITLEMENTS = { account_id: "acct_1", plan: "basic", on: "2026-11-29", entitlements: [] };

const OUTAGES: [string, Answer][] = [
  ["connection_failed", cut],
  ["rate_limited", problem(429, "rate_limited")],
  ["unavailable", problem(503, "unavailable")],
  ["internal", problem(500, "internal")],
  ["unexpected_response", empty(502)],
];

test("an answer says that it was checked", async () => {
  const { url, received } = await serve(json(200, CHECK));
  const answer = await client(url).account("acct_1").check({ metric: "staff" });
  assert(answer.checked);
  assert.deepEqual([answer.allowed, answer.limit], [false, 2]);
  assert.equal(received[0]?.body, '{"metric":"staff"}');
  assert.equal(received[0]?.headers["idempotency-key"], undefined);
});

test("a refusal narrows to its fields", async () => {
  const { url } = await serve(json(200, CHECK));
  const answer = await client(url, { failOpen: true }).account("acct_1").check({ metric: "staff", quantity: 1 });
  // It compiles because only what was checked can be refused.
  assert.deepEqual(answer.allowed ? [] : answer.plans_that_allow, ["pro"]);
});

for (const [code, outage] of OUTAGES) {
  test(`${code} fails closed without the flag`, async () => {
    const { url } = await serve(outage);
    const account = client(url).account("acct_1");
    const questions = [() => account.check({ metric: "staff" }), () => account.checkAll([]), () => account.entitlements()];
    for (const ask of questions) {
      const error = await rejection(ask());
      assert(isHeadroomError(error));
      assert.equal(error.code, code);
    }
  });

  test(`${code} fails open with the flag`, async () => {
    const { url } = await serve(outage);
    const account = client(url, { failOpen: true }).account("acct_1");
    const answer = await account.check({ feature: "sso" });
    assert(!answer.checked);
    assert.deepEqual([answer.allowed, answer.code, answer.error.code], [true, null, code]);
    const all = await account.checkAll([{ metric: "staff" }, { feature: "sso" }]);
    assert.deepEqual(all.map(({ checked, allowed }) => [checked, allowed]), [[false, true], [false, true]]);
    const entitlements = await account.entitlements({ on: "2040-05-07" });
    assert(!entitlements.checked);
    assert.deepEqual([entitlements.on, entitlements.entitlements, entitlements.error.code], ["2040-05-07", [], code]);
  });
}

test("repetitions come before failing open", async () => {
  const { url, received } = await serve(cut, json(200, CHECK));
  const answer = await client(url, { failOpen: true }).account("acct_1").check({ metric: "staff" });
  assert.deepEqual([answer.checked, answer.allowed, received.length], [true, false, 2]);
});

test("a fault of the request never fails open", async () => {
  for (const [status, code] of [
    [401, "invalid_token"],
    [403, "forbidden"],
    [404, "not_found"],
    [422, "validation_failed"],
  ] as const) {
    const { url } = await serve(problem(status, code));
    const error = await rejection(client(url, { failOpen: true }).account("acct_1").check({ metric: "staff" }));
    assert(isHeadroomError(error));
    assert.equal(error.code, code);
  }
});

test("a login that fails for an outage fails open, too", async () => {
  const { url } = await serve(cut);
  const headroom = client(url, { failOpen: true }, { username: "user", password: "secret" });
  assert.equal((await headroom.account("acct_1").check({ metric: "staff" })).checked, false);
});

test("a creation never fails open", async () => {
  const { url } = await serve(cut);
  const error = await rejection(client(url, { failOpen: true }).account("acct_1").staff.create({ name: "Ann" }));
  assert(isHeadroomError(error));
});

test("one request can differ from the client", async () => {
  const { url } = await serve(cut);
  const open = await client(url).account("acct_1").check({ metric: "staff" }, { failOpen: true });
  assert.equal(open.checked, false);
  await rejection(client(url, { failOpen: true }).account("acct_1").check({ metric: "staff" }, { failOpen: false }));
});

test("a caller who gives up is not answered", async () => {
  const { url } = await serve(json(200, CHECK));
  const signal = AbortSignal.abort(new Error("gave up"));
  const asked = client(url, { failOpen: true }).account("acct_1").check({ metric: "staff" }, { signal });
  assert.equal(((await rejection(asked)) as Error).message, "gave up");
});

test("several questions have their answers in order", async () => {
  const { url, received } = await serve(json(200, { checks: [CHECK, { allowed: true, feature: "sso" }] }));
  const answers = await client(url).account("acct_1").checkAll([{ meter: "staff" }, { feature: "sso" }]);
  assert.deepEqual(answers.map(({ allowed, checked }) => [allowed, checked]), [[false, true], [true, true]]);
  assert.equal(received[0]?.body, '{"checks":[{"meter":"staff"},{"feature":"sso"}]}');
});

test("entitlements that have not changed are the same object", async () => {
  const { url } = await serve(json(200, ENTITLEMENTS, { ETag: '"1"' }), empty(304));
  const account = client(url).account("acct_1");
  const first = await account.entitlements();
  assert.equal(await account.entitlements({}, { ifNoneMatch: first }), first);
});
