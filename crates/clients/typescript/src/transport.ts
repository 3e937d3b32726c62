// Sends requests: headers, time-outs, repetitions.

import { type Authorizer, authorizerOf } from "./auth.js";
import { type Clock, SYSTEM_CLOCK } from "./clock.js";
import { type AnyHeadroomError, ConnectionFailed, errorOf, isHeadroomError } from "./errors.js";
import { OPERATIONS, type Operation } from "./generated/operations.js";
import type { HeadroomOptions } from "./options.js";
import { etagOf, remember } from "./response.js";
import type { AllOptions, InputOf, OperationId, ResultOf, Sender } from "./types.js";

/**
 * For how long a used refresh token gets the same successor again. Later it is taken for a stolen one, and the session is
 * revoked.
 */
const REFRESH_REPEATABLE_MS = 30_000;

const DEFAULTS = { timeoutMs: 10_000, maxRetries: 4, retryDelayMs: 200, maxRetryDelayMs: 10_000 };

/** The codes of errors of Node's `fetch` that mean that nothing was sent, and that nothing ever will be. */
const UNSENDABLE_CODES = new Set<unknown>([
  "UND_ERR_INVALID_ARG",
  "UND_ERR_NOT_SUPPORTED",
  "UND_ERR_REQ_CONTENT_LENGTH_MISMATCH",
]);

type Query = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** A request as it is sent, however often. */
interface Prepared {
  readonly operation: Operation;
  readonly url: string;
  readonly headers: Headers;
  readonly body: string | undefined;
  readonly idempotencyKey: string | undefined;
  readonly options: AllOptions;
}

/** A response that has arrived as a whole. */
interface Answer {
  readonly response: Response;
  readonly body: string;
}

/** @internal */
export class Transport implements Sender {
  readonly authorizer: Authorizer;
  readonly #settings: typeof DEFAULTS;
  readonly #baseUrl: string;
  readonly #fetch: typeof fetch;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(
    options: HeadroomOptions,
    private readonly clock: Clock = SYSTEM_CLOCK,
  ) {
    this.#baseUrl = parseBaseUrl(options.baseUrl);
    this.#fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
    this.#headers = options.headers ?? {};
    this.#settings = {
      timeoutMs: options.timeoutMs ?? DEFAULTS.timeoutMs,
      maxRetries: options.maxRetries ?? DEFAULTS.maxRetries,
      retryDelayMs: options.retryDelayMs ?? DEFAULTS.retryDelayMs,
      maxRetryDelayMs: options.maxRetryDelayMs ?? DEFAULTS.maxRetryDelayMs,
    };
    this.authorizer = authorizerOf(options, this, clock);
  }

  async send<Id extends OperationId>(id: Id, input: InputOf<Id>, options: AllOptions = {}): Promise<ResultOf<Id>> {
    const prepared = this.#prepare(id, input, options);
    const maxRetries = options.maxRetries ?? this.#settings.maxRetries;
    // The last attempt begins so early that it has ended, at the latest by its time-out, while it can do no harm.
    const lastStart =
      id === "refresh_token" ? this.clock.now() + REFRESH_REPEATABLE_MS - this.#timeoutMs(options) : Infinity;
    let isRenewed = false;
    // The last failure after which a change may have been carried out. Those after it do not change that.
    let doubt: AnyHeadroomError | undefined;
    for (let attempt = 1; ; attempt += 1) {
      const token = prepared.operation.isPublic ? undefined : await this.authorizer.token(options.signal);
      const outcome = await this.#attempt(prepared, token);
      const result = isHeadroomError(outcome) ? outcome : resultOf(prepared, outcome, attempt);
      if (!isHeadroomError(result)) return result as ResultOf<Id>;
      Object.assign(result, { attempts: attempt, idempotencyKey: prepared.idempotencyKey });
      if (result.status === 401 && !isRenewed && token !== undefined && this.authorizer.isRenewable(token)) {
        isRenewed = true;
        continue;
      }
      const delay = attempt <= maxRetries && isRepeatable(prepared, result) ? this.#delay(attempt, result) : undefined;
      if (delay === undefined || this.clock.now() + delay > lastStart) {
        throw doubt && hadNoEffect(result) ? Object.assign(doubt, { attempts: attempt }) : result;
      }
      if (result.isOutcomeUnknown && prepared.operation.method !== "GET") doubt = result;
      await this.clock.sleep(delay, options.signal);
    }
  }

  #prepare<Id extends OperationId>(id: Id, input: InputOf<Id>, options: AllOptions): Prepared {
    const operation = OPERATIONS[id];
    const { path, query, body } = input as { path?: Record<string, string>; query?: Query; body?: unknown };
    const headers = new Headers(this.#headers);
    for (const [name, value] of Object.entries(options.headers ?? {})) headers.set(name, value);
    headers.set("Accept", "application/json");
    if (body !== undefined) headers.set("Content-Type", "application/json");
    let idempotencyKey: string | undefined;
    if (operation.idempotencyKey) {
      idempotencyKey = options.idempotencyKey ?? newKey();
      headers.set("Idempotency-Key", idempotencyKey);
    }
    const { ifMatch, ifNoneMatch } = options;
    if (operation.ifMatch && ifMatch !== undefined) {
      headers.set("If-Match", typeof ifMatch === "string" ? ifMatch : etagOf(ifMatch));
    }
    if (operation.ifNoneMatch && ifNoneMatch !== undefined) headers.set("If-None-Match", etagOf(ifNoneMatch));
    const dryRun = operation.dryRun && options.dryRun === true ? { dry_run: true } : {};
    const url = this.#baseUrl + pathOf(operation.path, path ?? {}) + queryOf({ ...query, ...dryRun });
    return {
      operation,
      url,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      idempotencyKey,
      options,
    };
  }

  #timeoutMs(options: AllOptions): number {
    return options.timeoutMs ?? this.#settings.timeoutMs;
  }

  /**
   * One attempt: an answer, or what went wrong. Rejects with the reason of the caller's signal, and with the error of
   * `fetch` if the request cannot be sent as it is.
   */
  async #attempt(prepared: Prepared, token: string | undefined): Promise<Answer | ConnectionFailed> {
    const { signal } = prepared.options;
    signal?.throwIfAborted();
    const headers = new Headers(prepared.headers);
    if (token !== undefined) headers.set("Authorization", `Bearer ${token}`);
    const timeoutMs = this.#timeoutMs(prepared.options);
    const controller = new AbortController();
    const abort = () => controller.abort();
    signal?.addEventListener("abort", abort, { once: true });
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      controller.abort();
    }, timeoutMs);
    try {
      const response = await this.#fetch(prepared.url, {
        method: prepared.operation.method,
        headers,
        // A redirect could turn a POST into a GET.
        redirect: "manual",
        signal: controller.signal,
        ...(prepared.body === undefined ? {} : { body: prepared.body }),
      });
      return { response, body: await response.text() };
    } catch (cause) {
      signal?.throwIfAborted();
      if (isUnsendable(cause)) throw cause;
      const what = `${prepared.operation.method} ${prepared.url}`;
      return isLate
        ? connectionFailed("timeout", `${what} took longer than ${timeoutMs} ms.`, cause)
        : connectionFailed("connection_failed", `${what} got no response: ${reasonOf(cause)}.`, cause);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    }
  }

  /** The wait before the next attempt; undefined if the server asks for a longer one than the client may wait. */
  #delay(attempt: number, error: AnyHeadroomError): number | undefined {
    const { retryDelayMs, maxRetryDelayMs } = this.#settings;
    const asked = (error.retryAfterSeconds ?? 0) * 1000;
    if (asked > maxRetryDelayMs) return undefined;
    const backoff = Math.min(maxRetryDelayMs, retryDelayMs * 2 ** (attempt - 1));
    // At least half of the backoff, and at random up to all of it: clients that failed together return apart.
    return asked + (backoff / 2) * (1 + this.clock.random());
  }
}

/** The body of a success; the error of anything else. */
function resultOf(prepared: Prepared, answer: Answer, attempts: number): object | undefined | AnyHeadroomError {
  const { response, body } = answer;
  if (response.status === 304 && prepared.options.ifNoneMatch !== undefined) return prepared.options.ifNoneMatch;
  if (response.status < 200 || response.status > 299) return errorOf(response, body);
  if (response.status === 204) return undefined;
  const parsed = parseObject(body);
  if (parsed === undefined) {
    const detail = `${prepared.operation.method} ${prepared.url} got a response that is not JSON. Is it Headroom's?`;
    return new ConnectionFailed("unexpected_response", { status: response.status, title: "Unexpected response", detail });
  }
  const { headers } = response;
  return remember(parsed, {
    status: response.status,
    etag: headers.get("ETag") ?? undefined,
    requestId: headers.get("X-Request-Id") ?? undefined,
    idempotencyKey: prepared.idempotencyKey,
    isReplayed: headers.get("Idempotency-Replayed") === "true",
    isDryRun: headers.get("Dry-Run") === "true",
    attempts,
  });
}

/** Whether nothing was written, and another attempt may succeed. */
function hadNoEffect(error: AnyHeadroomError): boolean {
  return ["rate_limited", "unavailable", "request_timeout"].includes(error.code);
}

/** Whether a request may be sent again after this failure. */
function isRepeatable(prepared: Prepared, error: AnyHeadroomError): boolean {
  if (hadNoEffect(error)) return true;
  switch (error.code) {
    case "outcome_unknown":
    case "connection_failed":
    case "timeout":
      return isRepeatableUnawares(prepared);
    case "unexpected_response":
      // A proxy that does not reach Headroom, or waits no longer for it.
      return [502, 503, 504].includes(error.status) && isRepeatableUnawares(prepared);
    default:
      return false;
  }
}

/**
 * Whether a request may be sent again although it may have been carried out. A POST has its idempotency key, or writes
 * nothing. A change of what `ifMatch` names would be refused the second time, as if another client had been faster: only
 * the caller can tell.
 */
function isRepeatableUnawares({ operation, options }: Prepared): boolean {
  return options.ifMatch === undefined || !["PUT", "PATCH"].includes(operation.method);
}

function connectionFailed(code: "timeout" | "connection_failed", detail: string, cause: unknown): ConnectionFailed {
  const title = code === "timeout" ? "Time-out" : "Connection failed";
  return new ConnectionFailed(code, { status: 0, title, detail, cause });
}

/** Whether Node's `fetch` refused to send the request, because of a header for example. Another attempt does not help. */
function isUnsendable(cause: unknown): boolean {
  const inner = cause instanceof Error ? cause.cause : undefined;
  const code = inner instanceof Error && "code" in inner ? inner.code : undefined;
  return UNSENDABLE_CODES.has(code);
}

/** What went wrong, as far as `fetch` says. */
function reasonOf(cause: unknown): string {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  if (!(inner instanceof Error)) return String(inner);
  const code = "code" in inner && typeof inner.code === "string" ? inner.code : undefined;
  return inner.message || code || inner.name;
}

function parseObject(body: string): object | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === "object" && parsed !== null ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** The base URL without a slash at its end. A wrong one is found here, and not at the first request. */
function parseBaseUrl(baseUrl: string): string {
  const { protocol, username, password, search, hash } = new URL(baseUrl, globalThis.location?.href);
  if (!/^https?:$/.test(protocol) || username || password || search || hash) {
    // Without the URL, which may contain a password.
    throw new TypeError("The base URL takes the form http://host:port/path");
  }
  return baseUrl.replace(/\/+$/, "");
}

function pathOf(template: string, parameters: Readonly<Record<string, string>>): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = parameters[name];
    // An empty segment, and one of dots, would be a request for another resource.
    if (typeof value !== "string" || /^\.{0,2}$/.test(value)) {
      throw new TypeError(`${name} cannot be ${JSON.stringify(value)}`);
    }
    return encodeURIComponent(value);
  });
}

function queryOf(query: Query): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null) parameters.set(name, String(value));
  }
  const text = parameters.toString();
  return text === "" ? "" : `?${text}`;
}

/** A UUID, version 4. Browsers have `randomUUID` only in pages of secure origins. */
function newKey(): string {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
