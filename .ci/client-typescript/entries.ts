// The entries of the package that need other packages, against the server of the tour.

import assert from "node:assert/strict";
import { Headroom } from "@headroom/client";
import { HeadroomProvider } from "@headroom/client/openfeature";
import { EntitlementsProvider, entitlementsOf, useEntitlement } from "@headroom/client/react";
import { OpenFeature } from "@openfeature/server-sdk";
import { createElement } from "react";
import { renderToString } from "react-dom/server";

const baseUrl = process.env["HEADROOM_URL"] ?? assert.fail();
const headroom = new Headroom({ baseUrl, username: "user", password: "user" });
const { id } = await headroom.accounts.create({ name: "My Salon", plan: "basic" });
const account = headroom.account(id);

// A feature, before and after an upgrade.
await OpenFeature.setProviderAndWait(new HeadroomProvider(headroom, { cacheMs: 0 }));
const flags = OpenFeature.getClient();
const sso = () => flags.getBooleanDetails("sso", true, { targetingKey: id });
const before = await sso();
assert.deepEqual([before.value, before.variant, before.errorCode], [false, "basic", undefined]);
await account.subscribe({ plan: "pro" });
assert.deepEqual([(await sso()).value, (await sso()).variant], [true, "pro"]);
assert.equal(await flags.getNumberValue("history_days", 0, { targetingKey: id }), 90);
const unknown = await flags.getBooleanDetails("sso", true, { targetingKey: "acct_unknown" });
assert.deepEqual([unknown.value, unknown.errorCode], [true, "INVALID_CONTEXT"]);
await OpenFeature.close();

// What a hook shows of a server's answer, which is transferred again only if it has changed.
const source = entitlementsOf(account);
const { signal } = new AbortController();
const initial = await source.load(undefined, signal);
assert.equal(await source.load(initial, signal), initial);
await account.staff.create({ name: "Ann" });
const changed = await source.load(initial, signal);
const Left = () => createElement("b", null, useEntitlement("staff").remaining);
const shown = createElement(EntitlementsProvider, { source, initial: changed }, createElement(Left));
assert.equal(renderToString(shown), "<b>4</b>");
await headroom.logout();
console.log("the tour went well: entries.js");
