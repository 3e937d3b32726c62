// Lists: iteration over pages.

import assert from "node:assert/strict";
import { test } from "node:test";
import { client, json, problem, rejection, serve } from "./support.js";

const account = (id: number) => ({ id: `acct_${id}` });

/** Three pages, of which the second is empty: the work for one page is bounded. */
async function pages() {
  const { url, received } = await serve(
    json(200, { data: [account(1), account(2)], next_cursor: "c1" }),
    json(200, { data: [], next_cursor: "c2" }),
    json(200, { data: [account(3)], next_cursor: null }),
  );
  return { accounts: client(url).accounts, received };
}

test("iteration goes over all pages", async () => {
  const { accounts, received } = await pages();
  const ids: string[] = [];
  for await (const { id } of accounts.list({ limit: 2, include_deleted: true })) ids.push(id);
  assert.deepEqual(ids, ["acct_1", "acct_2", "acct_3"]);
  const cursors = received.map(({ url }) => new URL(url, "http://h").searchParams.get("cursor"));
  assert.deepEqual(cursors, [null, "c1", "c2"]);
  for (const { url } of received) assert.match(url, /\?limit=2&include_deleted=true/);
});

test("pages are requested when they are needed", async () => {
  const { accounts, received } = await pages();
  for await (const { id } of accounts.list()) {
    if (id === "acct_2") break;
  }
  assert.equal(received.length, 1);
});

test("a list can be iterated again, from its beginning", async () => {
  const { accounts, received } = await pages();
  const list = accounts.list();
  assert.deepEqual(await list.first(), account(1));
  assert.deepEqual(await list.toArray(0), []);
  assert.equal(received.length, 1);
});

test("an array has at most the items that were asked for", async () => {
  const { accounts, received } = await pages();
  assert.deepEqual(await accounts.list().toArray(2), [account(1), account(2)]);
  assert.equal(received.length, 1);
});

test("single pages and their cursors are there", async () => {
  const { accounts } = await pages();
  const list = accounts.list();
  const first = await list.page();
  assert.deepEqual([first.data.length, first.next_cursor], [2, "c1"]);
  const second = await list.page("c1");
  assert.deepEqual([second.data.length, second.next_cursor], [0, "c2"]);
});

test("a first item beyond an empty page is found", async () => {
  const { url } = await serve(
    json(200, { data: [], next_cursor: "c1" }),
    json(200, { data: [account(1)], next_cursor: null }),
  );
  assert.deepEqual(await client(url).accounts.findByExternalId("cus_1"), account(1));
});

test("no item is undefined", async () => {
  const { url } = await serve(json(200, { data: [], next_cursor: null }));
  assert.equal(await client(url).accounts.findByExternalId("cus_1"), undefined);
});

test("a page that fails ends the iteration with its error", async () => {
  const { url } = await serve(
    json(200, { data: [account(1)], next_cursor: "c1" }),
    problem(400, "invalid_cursor"),
  );
  const error = await rejection(client(url).accounts.list().toArray(10));
  assert.match(String(error), /invalid_cursor/);
});
