// Credentials: logins that refresh themselves, tokens from a function.

import assert from "node:assert/strict";
import { test } from "node:test";
import { isHeadroomError } from "../src/index.js";
import { type Answer, client, empty, json, NotingClock, problem, type Received, rejection, serve } from "./support.js";

const LOGIN = { username: "user", password: "secret" };

/** A server with sessions: it counts its tokens, and accepts those for which `isValid`. */
async function sessions(options: { isValid?: (token: string) => boolean; refresh?: Answer; delay?: boolean } = {}) {
  let issued = 0;
  const next: Answer = (response) => {
    issued += 1;
    const token = { access_token: `a${issued}`, refresh_token: `r${issued}`, token_type: "bearer", expires_in: 900 };
    json(200, token)(response, {} as Received);
  };
  const isValid = options.isValid ?? (() => true);
  return serve((response, it) => {
    if (it.url === "/token") return next(response, it);
    if (it.url === "/token/refresh") return (options.refresh ?? next)(response, it);
    if (it.url === "/token/revoke") return empty(204)(response, it);
    const token = String(it.headers.authorization).replace("Bearer ", "");
    return (isValid(token) ? json(200, { token }) : problem(401, "token_expired"))(response, it);
  });
}

const paths = (received: Received[]) => received.map(({ method, url }) => `${method} ${url}`);

test("requests at the same time share one login", async () => {
  const { url, received } = await sessions();
  const headroom = client(url, {}, LOGIN);
  await Promise.all([headroom.users.me(), headroom.users.me(), headroom.users.me()]);
  await headroom.users.me();
  assert.deepEqual(paths(received).filter((it) => it === "POST /token").length, 1);
  assert.equal(received[0]?.body, JSON.stringify(LOGIN));
  assert.equal(received[0]?.headers.authorization, undefined);
  assert.deepEqual(new Set(received.slice(1).map(({ headers }) => headers.authorization)), new Set(["Bearer a1"]));
});

test("a token is refreshed before it expires", async () => {
  const clock = new NotingClock();
  const { url, received } = await sessions();
  const headroom = client(url, {}, LOGIN, clock);
  await headroom.users.me();
  clock.time = 869_000;
  await headroom.users.me();
  clock.time = 870_000;
  await headroom.users.me();
  const expected = ["POST /token", "GET /users/me", "GET /users/me", "POST /token/refresh", "GET /users/me"];
  assert.deepEqual(paths(received), expected);
  assert.equal(received[3]?.body, '{"refresh_token":"r1"}');
  assert.equal(received[4]?.headers.authorization, "Bearer a2");
});

test("a refused token is refreshed, and the request sent once more", async () => {
  const { url, received } = await sessions({ isValid: (token) => token !== "a1" });
  const me = await client(url, { maxRetries: 0 }, LOGIN).users.me();
  assert.deepEqual(me as unknown, { token: "a2" });
  assert.deepEqual(paths(received), ["POST /token", "GET /users/me", "POST /token/refresh", "GET /users/me"]);
});

test("a token that is refused again is an error", async () => {
  const { url, received } = await sessions({ isValid: () => false });
  const error = await rejection(client(url, {}, LOGIN).users.me());
  assert(isHeadroomError(error));
  assert.equal(error.code, "token_expired");
  assert.deepEqual(paths(received), ["POST /token", "GET /users/me", "POST /token/refresh", "GET /users/me"]);
});

test("a session that has ended is followed by a login", async () => {
  const { url, received } = await sessions({
    isValid: (token) => token !== "a1",
    refresh: problem(401, "invalid_token"),
  });
  await client(url, {}, LOGIN).users.me();
  const expected = ["POST /token", "GET /users/me", "POST /token/refresh", "POST /token", "GET /users/me"];
  assert.deepEqual(paths(received), expected);
});

test("a refresh is not repeated when that would revoke the session", async () => {
  const clock = new NotingClock();
  const busy = problem(503, "unavailable", {}, { "Retry-After": "6" });
  const { url, received } = await sessions({ isValid: (token) => token !== "a1", refresh: busy });
  const error = await rejection(client(url, { maxRetries: 100 }, LOGIN, clock).users.me());
  assert(isHeadroomError(error));
  assert.equal(error.code, "unavailable");
  // With a time-out of 10 seconds, the last attempt has ended 30 seconds after the first began.
  assert.equal(paths(received).filter((it) => it === "POST /token/refresh").length, 4);
  assert(clock.time <= 20_000, String(clock.time));
});

test("after a refresh of unknown outcome, the next request logs in", async () => {
  const { url, received } = await sessions({
    isValid: (token) => token !== "a1",
    refresh: problem(503, "outcome_unknown"),
  });
  const headroom = client(url, { maxRetries: 1 }, LOGIN);
  const error = await rejection(headroom.users.me());
  assert(isHeadroomError(error));
  assert(error.isOutcomeUnknown);
  const before = received.length;
  await headroom.users.me();
  assert.deepEqual(paths(received).slice(before), ["POST /token", "GET /users/me"]);
});

test("a refresh that the server refuses sends no password, and is tried again by the next request", async () => {
  let isDown = true;
  const { url, received } = await sessions({
    isValid: (token) => token !== "a1",
    refresh: (response, it) => {
      const tokens = { access_token: "a2", refresh_token: "r2", token_type: "bearer", expires_in: 900 };
      (isDown ? problem(500, "internal") : json(200, tokens))(response, it);
    },
  });
  const headroom = client(url, {}, LOGIN);
  const error = await rejection(headroom.users.me());
  assert(isHeadroomError(error));
  assert.equal(error.code, "internal");
  isDown = false;
  await headroom.users.me();
  assert.equal(paths(received).filter((it) => it === "POST /token").length, 1);
});

test("a wrong password is an error", async () => {
  const { url, received } = await serve(problem(401, "invalid_credentials"));
  const error = await rejection(client(url, {}, LOGIN).users.me());
  assert(isHeadroomError(error));
  assert.deepEqual([error.code, received.length], ["invalid_credentials", 1]);
});

test("a caller who gives up does not end the login of others", async () => {
  const controller = new AbortController();
  let answerLogin = () => {};
  const { url, received } = await serve(
    (response, it) => {
      const token = { access_token: "a1", refresh_token: "r1", token_type: "bearer", expires_in: 900 };
      answerLogin = () => json(200, token)(response, it);
      controller.abort(new Error("gave up"));
    },
    json(200, { token: "a1" }),
  );
  const headroom = client(url, {}, LOGIN);
  const gaveUp = rejection(headroom.users.me({ signal: controller.signal }));
  const stayed = headroom.users.me();
  assert.equal(((await gaveUp) as Error).message, "gave up");
  // The login goes on, and is answered now.
  assert.equal(received.length, 1);
  answerLogin();
  assert.deepEqual((await stayed) as unknown, { token: "a1" });
});

test("a logout revokes the session, and the next request logs in", async () => {
  const { url, received } = await sessions();
  const headroom = client(url, {}, LOGIN);
  await headroom.logout();
  await headroom.users.me();
  await headroom.logout();
  await headroom.users.me();
  const expected = ["POST /token", "GET /users/me", "POST /token/revoke", "POST /token", "GET /users/me"];
  assert.deepEqual(paths(received), expected);
  assert.equal(received[2]?.body, '{"refresh_token":"r1"}');
});

test("a function is asked again for a token that is accepted", async () => {
  const { url, received } = await sessions({ isValid: (token) => token === "new" });
  const tokens = ["old", "new"];
  const headroom = client(url, {}, { token: async () => tokens.shift() ?? "new" });
  await headroom.users.me();
  assert.deepEqual(received.map(({ headers }) => headers.authorization), ["Bearer old", "Bearer new"]);
});

test("a token that is a text is sent as it is", async () => {
  const { url, received } = await sessions({ isValid: () => false });
  const error = await rejection(client(url, {}, { token: "abc" }).users.me());
  assert(isHeadroomError(error));
  assert.deepEqual([error.code, received.length], ["token_expired", 1]);
  assert.equal(received[0]?.headers.authorization, "Bearer abc");
});
