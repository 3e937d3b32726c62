// The client of the API: typed by docs/openapi.json. Its credential is in memory only: it ends with the page.

import createClient from "openapi-fetch";
import type { components, paths } from "../generated/openapi";

export type Schemas = components["schemas"];

/** The base URL of the API, the path prefix of a proxy included: the console is one level below it. */
const BASE = new URL("..", document.baseURI).href.replace(/\/$/, "");

/** How often a request without a response, or with a 503, is sent again, and the longest wait between two attempts. */
const REPEATS_MAX = 2;
const WAIT_MAX_MS = 3000;

/** What the API says of a refused request (RFC 9457), with the members of every kind of refusal. */
export interface Problem {
  status: number;
  code: string;
  title: string;
  detail: string;
  request_id: string;
  errors?: Schemas["FieldProblem"][];
  metric?: string;
  limit?: number | null;
  used?: number;
  requested?: number;
  plan?: string | null;
  plans_that_allow?: string[];
  next_allowed_day?: string | null;
  next_allowed_at?: string | null;
  exceeded?: (Schemas["ExceededLimit"] | Schemas["LimitExcess"])[];
}

/** A request that was refused, or got no response. */
export class ApiError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail);
  }
}

type Credential =
  | { kind: "session"; access: string; refresh: string; expiresAt: number }
  | { kind: "key"; access: string };

let credential: Credential | null = null;
/** Whether the credential was accepted once. */
let isEstablished = false;
let onEnd: (reason: string) => void = () => {};

/** Calls `listener` when the session ends without a sign-out. */
export function onSessionEnd(listener: (reason: string) => void) {
  onEnd = listener;
}

const listeners = new Set<() => void>();

/** Calls `listener` after each change that the console makes, or may have made. Returns a function that ends this. */
export function onChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

function keep(token: Schemas["Token"]) {
  credential = {
    kind: "session",
    access: token.access_token,
    refresh: token.refresh_token,
    expiresAt: Date.now() + token.expires_in * 1000,
  };
}

/** Sends a request of its own, without a credential. */
async function postToken(path: string, body: unknown): Promise<Schemas["Token"] | undefined> {
  const init = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const response = await fetchOrFail(new Request(BASE + path, init));
  if (!response.ok) {
    throw new ApiError(problemOf(await response.json().catch(() => null), response));
  }
  return response.status === 204 ? undefined : await response.json();
}

export async function signIn(username: string, password: string): Promise<Schemas["User"]> {
  const token = await postToken("/token", { username, password });
  keep(token!);
  return me();
}

export async function signInWithKey(key: string): Promise<Schemas["User"]> {
  // The value of a header: anything else cannot be a key.
  if (!/^[\x21-\x7e]+$/.test(key)) {
    const detail = "An API key has visible ASCII characters only, and begins with hr_live_.";
    throw new ApiError({ status: 0, code: "invalid_token", title: "This is not an API key", detail, request_id: "" });
  }
  credential = { kind: "key", access: key };
  return me();
}

async function me(): Promise<Schemas["User"]> {
  try {
    const user = await call(api.GET("/users/me"));
    isEstablished = true;
    return user;
  } catch (error) {
    credential = null;
    throw error;
  }
}

export async function signOut(): Promise<void> {
  const ended = credential;
  credential = null;
  isEstablished = false;
  if (ended?.kind === "session") {
    await postToken("/token/revoke", { refresh_token: ended.refresh });
  }
}

// A refresh token is valid for one use: concurrent requests share one refresh.
let refreshing: Promise<boolean> | null = null;

function refresh(): Promise<boolean> {
  refreshing ??= tryToRefresh().finally(() => {
    refreshing = null;
  });
  return refreshing;
}

async function tryToRefresh(): Promise<boolean> {
  if (credential?.kind !== "session") {
    return false;
  }
  try {
    keep((await postToken("/token/refresh", { refresh_token: credential.refresh }))!);
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.problem.status === 401) {
      return false;
    }
    throw error;
  }
}

const isUnknown = (response: Response) => response.status === 503 || response.status === 502 || response.status === 504;

async function fetchOrFail(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    if (request.signal.aborted) {
      throw error;
    }
    throw noResponse(request);
  }
}

function noResponse(request: Request): ApiError {
  const detail = isVersioned(request)
    ? "The server did not answer, so the change may have been saved. Look at the newer state before you change it again."
    : "The server did not answer. Check the connection, then repeat the request: it takes effect once.";
  return new ApiError({ status: 0, code: "no_response", title: "No response", detail, request_id: "" });
}

/** Whether the request is a change of one version: a repeat of one that was carried out is refused with 412. */
const isVersioned = (request: Request) => request.headers.has("If-Match");

/** Whether a response says that nothing was written. */
async function isUnwritten(response: Response): Promise<boolean> {
  const body = response.status === 503 ? await response.clone().json().catch(() => null) : null;
  return (body as Partial<Problem> | null)?.code === "unavailable";
}

/** Whether a change that failed with the error may have been written all the same. */
export const mayBeSaved = (error: ApiError) => error.problem.code === "no_response";

const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

// The keys of POST requests whose outcome is unknown, by path and body: the same request gets the same key.
const unsettled = new Map<string, string>();

/** A random UUID; `crypto.randomUUID` exists only on pages of HTTPS and of localhost. */
function newKey(): string {
  const hex = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** Sends a request with the credential, an idempotency key, and repeats. */
async function send(request: Request): Promise<Response> {
  const isRead = request.method === "GET";
  const name = request.method === "POST" ? `${request.url}\n${await request.clone().text()}` : null;
  if (name !== null) {
    const key = unsettled.get(name) ?? newKey();
    unsettled.set(name, key);
    request.headers.set("Idempotency-Key", key);
  }
  let hasRefreshed = false;
  for (let repeats = 0; ; ) {
    if (credential?.kind === "session" && Date.now() >= credential.expiresAt && !hasRefreshed) {
      hasRefreshed = await refresh();
    }
    if (credential) {
      request.headers.set("Authorization", `Bearer ${credential.access}`);
    }
    let response: Response | null = null;
    try {
      response = await fetchOrFail(request.clone());
      if (isVersioned(request) && isUnknown(response) && !(await isUnwritten(response))) {
        throw noResponse(request);
      }
    } catch (error) {
      if (isRead || repeats >= REPEATS_MAX || isVersioned(request)) {
        if (!isRead) {
          tellOfChange(request);
        }
        throw error;
      }
    }
    if (response?.status === 401 && credential) {
      if (!hasRefreshed && credential.kind === "session" && (await refresh())) {
        hasRefreshed = true;
        continue;
      }
      credential = null;
      if (isEstablished) {
        isEstablished = false;
        onEnd("Your session has ended. Sign in again.");
      }
    }
    if (response && (isRead || repeats >= REPEATS_MAX || !isUnknown(response))) {
      if (name !== null && !isUnknown(response)) {
        unsettled.delete(name);
      }
      if (!isRead && response.ok) {
        tellOfChange(request);
      }
      return response;
    }
    repeats += 1;
    const seconds = Number(response?.headers.get("Retry-After") ?? 0);
    await wait(Math.min(Math.max(seconds * 1000, 300 * repeats), WAIT_MAX_MS));
  }
}

/** Whether the request changes nothing, although it is a POST. */
const isQuestion = (request: Request) => /\/(preview|check)$|dry_run=true/.test(request.url);

/** Has the lists and figures loaded again after a request that has, or may have, changed something. */
function tellOfChange(request: Request) {
  if (!isQuestion(request)) {
    listeners.forEach((listener) => listener());
  }
}

export const api = createClient<paths>({ baseUrl: BASE, fetch: send });

function problemOf(body: unknown, response: Response): Problem {
  const given = typeof body === "object" && body !== null ? (body as Partial<Problem>) : {};
  return {
    ...given,
    status: response.status,
    code: given.code ?? `status_${response.status}`,
    title: given.title ?? "The request failed",
    detail: given.detail ?? "The response is not one of Headroom's: a proxy may have sent it.",
    request_id: given.request_id ?? response.headers.get("X-Request-Id") ?? "",
  };
}

/** The header of a change that is for one version only. */
export function ifMatch(etag: string | null) {
  return etag === null ? {} : { "If-Match": etag };
}

/** The header of a read that is answered only if there is another version. */
export function ifNoneMatch(etag: string | null) {
  return etag === null ? {} : { "If-None-Match": etag };
}

interface Answer {
  data?: unknown;
  error?: unknown;
  response: Response;
}

/** The body of a successful response; an `ApiError` for any other. */
export async function call<A extends Answer>(request: Promise<A>): Promise<NonNullable<A["data"]>> {
  const { data, error, response } = await request;
  if (!response.ok) {
    throw new ApiError(problemOf(error, response));
  }
  return data as NonNullable<A["data"]>;
}

/** The response has not changed since the one with the given `ETag`. */
export const UNCHANGED = Symbol("unchanged");

export interface Loaded<T> {
  value: T;
  etag: string | null;
}

/** As `call`, with the `ETag`. */
export async function callForChange<A extends Answer>(request: Promise<A>): Promise<Loaded<NonNullable<A["data"]>>> {
  const answer = await request;
  return { value: await call(Promise.resolve(answer)), etag: answer.response.headers.get("ETag") };
}

/** As `callForChange`; `UNCHANGED` for 304. */
export async function callVersioned<A extends Answer>(
  request: Promise<A>,
): Promise<Loaded<NonNullable<A["data"]>> | typeof UNCHANGED> {
  const answer = await request;
  if (answer.response.status === 304) {
    return UNCHANGED;
  }
  return callForChange(Promise.resolve(answer));
}
