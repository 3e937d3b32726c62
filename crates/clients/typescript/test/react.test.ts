// The hooks, in React and a document.

import assert from "node:assert/strict";
import { after, afterEach, test } from "node:test";
import { Window } from "happy-dom";
import type { AccountEntitlements, FeatureValue } from "../src/index.js";
import type { EntitlementSource, EntitlementState, FeatureState } from "../src/react.js";

// React looks for a document when it is loaded.
const window = new Window();
Object.assign(globalThis, { window, document: window.document, IS_REACT_ACT_ENVIRONMENT: true });
// Node 20 has none.
if (!("navigator" in globalThis)) Object.assign(globalThis, { navigator: window.navigator });
after(() => window.close());
const { act, createElement, StrictMode } = await import("react");
const { createRoot } = await import("react-dom/client");
const { renderToString } = await import("react-dom/server");
const { EntitlementsProvider, useEntitlement, useFeature } = await import("../src/react.js");

const entitlements = (used: number, sso: FeatureValue = true): AccountEntitlements => ({
  account_id: "acct_1",
  plan: "basic",
  on: "2026-11-29",
  entitlements: [
    { metric: "staff", limit: 2, used, remaining: 2 - used, over_by: 0, window: null, plan: "basic", override: null },
    { metric: "sms", limit: null, used, remaining: null, over_by: 0, window: null, plan: "basic", override: null },
  ],
  features: [{ feature: "sso", value: sso, plan_value: sso, plan: "basic", override: null }],
});

/** A source that is answered by the test. */
function source() {
  const pending: { resolve(value: AccountEntitlements): void; reject(error: Error): void }[] = [];
  let loads = 0;
  const it: EntitlementSource = {
    load: () => {
      loads += 1;
      return new Promise((resolve, reject) => pending.push({ resolve, reject }));
    },
  };
  return {
    it,
    loads: () => loads,
    answer: (value: AccountEntitlements) => act(async () => pending.shift()?.resolve(value)),
    fail: (error: Error) => act(async () => pending.shift()?.reject(error)),
  };
}

let unmount = async () => {};
afterEach(() => unmount());

/** Shows a hook, and returns what it said last. */
async function show<State>(hook: () => State, from: EntitlementSource, props: object = {}, isStrict = false) {
  let said: State | undefined;
  let renders = 0;
  const Shown = () => {
    said = hook();
    renders += 1;
    return null;
  };
  const root = createRoot(window.document.createElement("div") as unknown as Element);
  const provider = createElement(EntitlementsProvider, { source: from, ...props }, createElement(Shown));
  await act(async () => root.render(isStrict ? createElement(StrictMode, undefined, provider) : provider));
  unmount = () => act(async () => root.unmount());
  return { said: () => said ?? assert.fail("it was not shown"), renders: () => renders };
}

const brief = ({ status, checked, allowed, isStale }: EntitlementState | FeatureState) => ({
  status,
  checked,
  allowed,
  isStale,
});

test("a hook loads, and shows what was loaded", async () => {
  const from = source();
  const { said } = await show(() => useEntitlement("staff"), from.it);
  assert.deepEqual(brief(said()), { status: "loading", checked: false, allowed: false, isStale: false });
  await from.answer(entitlements(1));
  assert.deepEqual(brief(said()), { status: "ready", checked: true, allowed: true, isStale: false });
  assert.deepEqual([said().limit, said().used, said().remaining, said().plan], [2, 1, 1, "basic"]);
  assert.equal(from.loads(), 1);
});

test("a refresh shows what is there until it has ended", async () => {
  const from = source();
  const { said } = await show(() => useEntitlement("staff"), from.it, { initial: entitlements(1) });
  assert.deepEqual([from.loads(), said().allowed], [0, true]);
  let refreshed: Promise<void> | undefined;
  await act(async () => {
    refreshed = said().refresh();
  });
  assert.deepEqual(brief(said()), { status: "ready", checked: true, allowed: true, isStale: true });
  await from.answer(entitlements(2));
  await refreshed;
  assert.deepEqual(brief(said()), { status: "ready", checked: true, allowed: false, isStale: false });
});

test("a refresh that fails keeps what is there", async () => {
  const from = source();
  const { said } = await show(() => useEntitlement("staff"), from.it, { initial: entitlements(1) });
  await act(async () => void said().refresh());
  const error = new Error("down");
  await from.fail(error);
  assert.deepEqual(brief(said()), { status: "ready", checked: true, allowed: true, isStale: true });
  assert.equal(said().error, error);
});

test("an unlimited metric is permitted, an unknown one is not", async () => {
  const from = source();
  const both = () => [useEntitlement("sms"), useEntitlement("fax")] as const;
  const { said } = await show(both, from.it, { initial: entitlements(5), failOpen: true });
  const [sms, fax] = said();
  assert.deepEqual([sms.allowed, sms.limit, sms.remaining], [true, null, null]);
  assert.deepEqual(brief(fax), { status: "unknown", checked: true, allowed: false, isStale: false });
});

test("without an answer it fails closed, or open", async () => {
  for (const failOpen of [false, true]) {
    const from = source();
    const both = () => [useEntitlement("staff"), useFeature("sso")] as const;
    const { said } = await show(both, from.it, { failOpen });
    await from.fail(new Error("down"));
    const expected = { status: "failed", checked: false, allowed: failOpen, isStale: false };
    assert.deepEqual(said().map(brief), [expected, expected]);
    await unmount();
  }
});

test("a feature has its value", async () => {
  for (const [value, allowed] of [
    [true, true],
    [false, false],
    [90, true],
    [0, false],
    ["tickets", true],
  ] as const) {
    const from = source();
    const { said } = await show(() => useFeature("sso"), from.it, { initial: entitlements(0, value) });
    assert.deepEqual([said().value, said().allowed, said().status], [value, allowed, "ready"]);
    await unmount();
  }
});

test("several hooks share one request, also in strict mode", async () => {
  const from = source();
  const both = () => [useEntitlement("staff"), useEntitlement("sms")] as const;
  const { said } = await show(both, from.it, {}, true);
  // Strict mode mounts twice: the first request is given up.
  assert.equal(from.loads(), 2);
  await from.answer(entitlements(0));
  assert.equal(said()[0].status, "loading");
  await from.answer(entitlements(1));
  assert.deepEqual(said().map(({ used }) => used), [1, 1]);
});

test("a page that is shown again refreshes what is stale", async () => {
  const from = source();
  const { said } = await show(() => useEntitlement("staff"), from.it, { initial: entitlements(1), staleAfterMs: 0 });
  const before = from.loads();
  await from.answer(entitlements(1));
  await act(async () => void window.document.dispatchEvent(new window.Event("visibilitychange")));
  assert.equal(from.loads(), before + 1);
  await from.answer(entitlements(2));
  assert.equal(said().used, 2);
  await unmount();
  window.document.dispatchEvent(new window.Event("visibilitychange"));
  assert.equal(from.loads(), before + 1);
});

test("an interval refreshes again and again, until the page is left", async (context) => {
  context.mock.timers.enable({ apis: ["setInterval"] });
  const from = source();
  await show(() => useEntitlement("staff"), from.it, { initial: entitlements(1), refreshIntervalMs: 1000 });
  await act(async () => context.mock.timers.tick(1000));
  assert.equal(from.loads(), 1);
  await from.answer(entitlements(1));
  await act(async () => context.mock.timers.tick(1000));
  assert.equal(from.loads(), 2);
  await unmount();
  context.mock.timers.tick(5000);
  assert.equal(from.loads(), 2);
});

test("nothing is rendered again if nothing has changed", async () => {
  const from = source();
  const initial = entitlements(1);
  const { said, renders } = await show(() => useEntitlement("staff"), from.it, { initial });
  const first = said();
  await act(async () => void said().refresh());
  await from.answer(initial);
  assert.equal(renders(), 3);
  assert.equal(said().entitlement, first.entitlement);
});

test("a server renders what is known initially", () => {
  const Shown = () => String(useEntitlement("staff").remaining);
  const props = { source: source().it, initial: entitlements(1) };
  assert.equal(renderToString(createElement(EntitlementsProvider, props, createElement(Shown))), "1");
});

test("a hook outside of a provider says so", () => {
  const Shown = () => String(useEntitlement("staff").allowed);
  assert.throws(() => renderToString(createElement(Shown)), /<EntitlementsProvider>/);
});
