// What the tests share: a server with scripted answers, and a clock that does not wait.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after } from "node:test";
import type { Clock } from "../src/clock.js";
import { Headroom } from "../src/client.js";
import type { Credentials, Settings } from "../src/options.js";

/** A request as it arrived. */
export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export type Answer = (response: ServerResponse, received: Received) => void;

/** A server that answers the first request by the first answer, and so on; the last answer is for all others. */
export async function serve(...answers: Answer[]) {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    const { method = "", url = "", headers } = request;
    const it = { method, url, headers, body };
    received.push(it);
    const answer = answers[Math.min(received.length, answers.length) - 1];
    assert(answer);
    answer(response, it);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, received };
}

/** Answers with JSON. */
export function json(status: number, body: object, headers: Record<string, string> = {}): Answer {
  const type = status >= 400 ? "application/problem+json" : "application/json";
  return (response) => response.writeHead(status, { "Content-Type": type, ...headers }).end(JSON.stringify(body));
}

/** Answers without a body. */
export function empty(status: number, headers: Record<string, string> = {}): Answer {
  return (response) => response.writeHead(status, headers).end();
}

/** Answers with a problem. */
export function problem(status: number, code: string, more: object = {}, headers: Record<string, string> = {}): Answer {
  const body = {
    type: `/docs/errors#${code}`,
    title: "A title",
    status,
    detail: `Why it is ${code}.`,
    code,
    request_id: "0123456789abcdef",
    ...more,
  };
  return json(status, body, headers);
}

/** Cuts the connection instead of an answer. */
export const cut: Answer = (response) => {
  response.socket?.destroy();
};

/** Never answers. */
export const silence: Answer = () => {};

/** A clock that notes the waits, and waits for none of them. */
export class NotingClock implements Clock {
  readonly waits: number[] = [];
  time = 0;

  now(): number {
    return this.time;
  }

  async sleep(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    this.waits.push(milliseconds);
    this.time += milliseconds;
  }

  random(): number {
    return 0.5;
  }
}

/** A client of a server, with an API key unless other credentials are given. */
export function client(
  baseUrl: string,
  settings: Partial<Settings> = {},
  credentials: Credentials = { apiKey: "hr_live_1" },
  clock: Clock = new NotingClock(),
): Headroom {
  return new Headroom({ baseUrl, ...settings, ...credentials }, clock);
}

/** The error that a promise is rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  return assert.fail("the promise was not rejected");
}

/** A staff member. */
export const ANN = {
  id: "staff_1",
  account_id: "acct_1",
  name: "Ann",
  email: null,
  created_at: "2026-03-29T08:00:00Z",
  created_by: "user_1",
  deleted_at: null,
};

/** A refused limit, as a server with built-in metrics alone describes it. */
export const REFUSAL = {
  plan: "basic",
  metric: "staff",
  limit: 2,
  used: 2,
  requested: 1,
  remaining: 0,
  window: null,
  next_allowed_day: null,
  plans_that_allow: ["pro"],
};
