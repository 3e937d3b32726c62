// The provider of features, through the server SDK of OpenFeature.

import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";
import { OpenFeature } from "@openfeature/server-sdk";
import { HeadroomProvider, type ProviderOptions } from "../src/openfeature.js";
import { type Answer, client, cut, empty, json, problem, serve } from "./support.js";

const feature = (name: string, value: boolean | number | string, override: object | null = null) => ({
  feature: name,
  value,
  plan_value: value,
  plan: "pro",
  override,
});
const ENTITLEMENTS = {
  account_id: "acct_1",
  plan: "pro",
  on: "2026-11-29",
  entitlements: [],
  features: [feature("sso", true, { reason: "A pilot" }), feature("history_days", 90), feature("support", "tickets")],
};
const ACCOUNT = { targetingKey: "acct_1" };

let now = 0;
beforeEach(() => {
  now = 0;
});
after(() => OpenFeature.close());

async function provider(answers: Answer[], options: ProviderOptions = {}) {
  const { url, received } = await serve(...answers);
  // Failing open is up to the default values: the client's flag has no effect.
  const headroom = client(url, { failOpen: true });
  await OpenFeature.setProviderAndWait(new HeadroomProvider(headroom, { now: () => now, ...options }));
  return { flags: OpenFeature.getClient(), received };
}

const loaded = json(200, ENTITLEMENTS, { ETag: '"1"' });

test("a switch, a number and a text are resolved", async () => {
  const { flags, received } = await provider([loaded]);
  const sso = await flags.getBooleanDetails("sso", false, ACCOUNT);
  assert.deepEqual([sso.value, sso.reason, sso.variant], [true, "TARGETING_MATCH", "pro"]);
  assert.deepEqual({ ...sso.flagMetadata }, { overridden: true });
  const days = await flags.getNumberDetails("history_days", 0, ACCOUNT);
  assert.deepEqual([days.value, days.reason, days.flagMetadata["overridden"]], [90, "CACHED", false]);
  assert.equal(await flags.getStringValue("support", "none", ACCOUNT), "tickets");
  assert.deepEqual(received.map(({ url }) => url), ["/accounts/acct_1/entitlements"]);
});

test("another type is a mismatch, and an object always", async () => {
  const { flags } = await provider([loaded]);
  const results = [
    await flags.getBooleanDetails("history_days", false, ACCOUNT),
    await flags.getNumberDetails("sso", 7, ACCOUNT),
    await flags.getStringDetails("sso", "x", ACCOUNT),
    await flags.getObjectDetails("support", { a: 1 }, ACCOUNT),
  ];
  assert.deepEqual(results.map(({ errorCode }) => errorCode), Array(4).fill("TYPE_MISMATCH"));
  assert.deepEqual(results.map(({ value }) => value), [false, 7, "x", { a: 1 }]);
});

test("an unknown feature is not found", async () => {
  const { flags } = await provider([loaded]);
  const { value, errorCode, reason } = await flags.getBooleanDetails("sos", true, ACCOUNT);
  assert.deepEqual([value, errorCode, reason], [true, "FLAG_NOT_FOUND", "ERROR"]);
});

test("a catalogue without features has none", async () => {
  const { features: _, ...builtIn } = ENTITLEMENTS;
  const { flags } = await provider([json(200, builtIn)]);
  assert.equal((await flags.getBooleanDetails("sso", true, ACCOUNT)).errorCode, "FLAG_NOT_FOUND");
});

test("the targeting key is required, and must be an account", async () => {
  const { flags, received } = await provider([problem(404, "not_found")]);
  assert.equal((await flags.getBooleanDetails("sso", false)).errorCode, "TARGETING_KEY_MISSING");
  assert.equal(received.length, 0);
  assert.equal((await flags.getBooleanDetails("sso", false, ACCOUNT)).errorCode, "INVALID_CONTEXT");
});

test("without an answer the default value decides, and the next evaluation asks again", async () => {
  const { flags } = await provider([...Array<Answer>(5).fill(cut), loaded]);
  const { value, errorCode, errorMessage } = await flags.getBooleanDetails("sso", false, ACCOUNT);
  assert.deepEqual([value, errorCode], [false, "GENERAL"]);
  assert.match(String(errorMessage), /connection_failed/);
  assert.equal(await flags.getBooleanValue("sso", false, ACCOUNT), true);
});

test("features are kept for a while, then Headroom is asked whether they have changed", async () => {
  const changed = { ...ENTITLEMENTS, features: [feature("sso", false)] };
  const { flags, received } = await provider([loaded, empty(304), json(200, changed)], { cacheMs: 1000 });
  const sso = () => flags.getBooleanDetails("sso", true, ACCOUNT);
  await sso();
  now = 999;
  assert.equal((await sso()).reason, "CACHED");
  now = 1000;
  assert.deepEqual([(await sso()).value, (await sso()).reason], [true, "CACHED"]);
  now = 2000;
  assert.deepEqual([(await sso()).value, received.length], [false, 3]);
  assert.deepEqual(received.map(({ headers }) => headers["if-none-match"]), [undefined, '"1"', '"1"']);
});

test("evaluations at the same time share a request", async () => {
  const { flags, received } = await provider([loaded]);
  const all = [1, 2, 3].map(() => flags.getBooleanValue("sso", false, ACCOUNT));
  assert.deepEqual(await Promise.all(all), [true, true, true]);
  assert.equal(received.length, 1);
});

test("the features of so many accounts are kept, and no more", async () => {
  const { flags, received } = await provider([loaded], { cacheSize: 2 });
  for (const targetingKey of ["acct_1", "acct_2", "acct_3", "acct_2", "acct_1"]) {
    await flags.getBooleanValue("sso", false, { targetingKey });
  }
  assert.deepEqual(
    received.map(({ url }) => url.split("/")[2]),
    ["acct_1", "acct_2", "acct_3", "acct_1"],
  );
});
