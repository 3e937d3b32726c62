// The store of entitlements: fresh, stale, refreshed, failed.

import assert from "node:assert/strict";
import { test } from "node:test";
import { entitlementsFrom, entitlementsOf, type EntitlementSource, EntitlementStore } from "../src/entitlement_store.js";
import type { AccountEntitlements } from "../src/index.js";
import { client, empty, json, rejection, serve } from "./support.js";

const at = (used: number): AccountEntitlements => ({
  account_id: "acct_1",
  plan: "basic",
  on: "2026-11-29",
  entitlements: [
    { metric: "staff", limit: 2, used, remaining: 2 - used, over_by: 0, window: null, plan: "basic", override: null },
  ],
});

/** A source whose loads are answered one by one. */
function source() {
  const loads: { previous: AccountEntitlements | undefined; signal: AbortSignal }[] = [];
  const answers: ((answer: AccountEntitlements | Error) => void)[] = [];
  const it: EntitlementSource = {
    load: (previous, signal) => {
      loads.push({ previous, signal });
      return new Promise((resolve, reject) => {
        answers.push((answer) => (answer instanceof Error ? reject(answer) : resolve(answer)));
      });
    },
  };
  const answer = (given: AccountEntitlements | Error) => answers.shift()?.(given);
  return { source: it, loads, answer };
}

test("entitlements are loaded once, and shown", async () => {
  const { source: from, loads, answer } = source();
  const store = new EntitlementStore(from);
  let changes = 0;
  const unsubscribe = store.subscribe(() => {
    changes += 1;
  });
  assert.deepEqual(store.state(), { entitlements: undefined, error: undefined, isRefreshing: false });
  const loaded = [store.refresh(), store.refresh()];
  assert.equal(store.state().isRefreshing, true);
  answer(at(1));
  await Promise.all(loaded);
  assert.deepEqual(store.state(), { entitlements: at(1), error: undefined, isRefreshing: false });
  assert.deepEqual([loads.length, changes], [1, 2]);
  unsubscribe();
  void store.refresh();
  assert.equal(changes, 2);
});

test("fresh entitlements are not loaded again, stale ones are, and stay meanwhile", async () => {
  let now = 0;
  const { source: from, loads, answer } = source();
  const store = new EntitlementStore(from, { staleAfterMs: 1000, now: () => now });
  const first = store.refresh();
  answer(at(1));
  await first;
  now = 999;
  store.refreshIfStale();
  assert.equal(loads.length, 1);
  now = 1000;
  store.refreshIfStale();
  assert.equal(loads.length, 2);
  assert.deepEqual(loads[1]?.previous, at(1));
  assert.deepEqual(store.state(), { entitlements: at(1), error: undefined, isRefreshing: true });
  const second = store.refresh();
  answer(at(2));
  await second;
  assert.deepEqual(store.state().entitlements, at(2));
});

test("a failed refresh keeps what is there, and the next one may succeed", async () => {
  const { source: from, answer } = source();
  const store = new EntitlementStore(from, { initial: at(1) });
  const failed = store.refresh();
  const error = new Error("down");
  answer(error);
  await failed;
  assert.deepEqual(store.state(), { entitlements: at(1), error, isRefreshing: false });
  const repaired = store.refresh();
  answer(at(2));
  await repaired;
  assert.deepEqual(store.state(), { entitlements: at(2), error: undefined, isRefreshing: false });
});

test("what is known initially is fresh", () => {
  const { source: from, loads } = source();
  const store = new EntitlementStore(from, { initial: at(1) });
  store.refreshIfStale();
  assert.equal(loads.length, 0);
});

test("a refresh that is given up changes nothing when it ends", async () => {
  const { source: from, loads, answer } = source();
  const store = new EntitlementStore(from);
  const given = store.refresh();
  store.cancel();
  assert.equal(loads[0]?.signal.aborted, true);
  assert.equal(store.state().isRefreshing, false);
  answer(at(1));
  await given;
  assert.equal(store.state().entitlements, undefined);
  const next = store.refresh();
  answer(at(2));
  await next;
  assert.deepEqual(store.state().entitlements, at(2));
});

test("Headroom is asked whether the entitlements have changed", async () => {
  const { url, received } = await serve(json(200, at(1), { ETag: '"1"' }), empty(304));
  const from = entitlementsOf(client(url, { failOpen: true }).account("acct_1"));
  const { signal } = new AbortController();
  const first = await from.load(undefined, signal);
  assert.equal(await from.load(first, signal), first);
  assert.equal(received[1]?.headers["if-none-match"], '"1"');
});

test("a backend of the application is asked whether the entitlements have changed", async () => {
  const { url, received } = await serve(json(200, at(1), { ETag: '"1"' }), empty(304), json(200, at(2)), json(200, at(2)));
  let session = 0;
  const headers = () => ({ "X-Session": String((session += 1)) });
  const from = entitlementsFrom(`${url}/api/entitlements`, { headers });
  const { signal } = new AbortController();
  const first = await from.load(undefined, signal);
  assert.deepEqual(first, at(1));
  assert.equal(await from.load(first, signal), first);
  const third = await from.load(first, signal);
  assert.deepEqual(third, at(2));
  await from.load(third, signal);
  assert.deepEqual(received.map((it) => it.headers["if-none-match"]), [undefined, '"1"', '"1"', undefined]);
  assert.deepEqual(received.map((it) => it.headers["x-session"]), ["1", "2", "3", "4"]);
});

test("an answer of a backend that is no entitlements is an error", async () => {
  const { url } = await serve(empty(401), json(200, { error: "log in" }), empty(304));
  const from = entitlementsFrom(url);
  const { signal } = new AbortController();
  for (const expected of [/answered 401/, /no entitlements/, /answered 304/]) {
    assert.match(String(await rejection(from.load(undefined, signal))), expected);
  }
});
