// Errors, typed by their `code`.

import type {
  ExceededLimit,
  FieldProblem,
  LimitExcess,
  LimitProblem,
  OverLimitProblem,
  Problem,
  ValidationProblem,
  Window,
} from "./generated/schemas.js";

/** The codes of refused limits. */
export type LimitCode = LimitProblem["code"];
/** The codes of faulty fields. */
export type ValidationCode = ValidationProblem["code"];
/** The codes that the server's problems can have. */
export type ServerCode = Problem["code"] | LimitCode | ValidationCode | OverLimitProblem["code"];
/** The codes of requests without a usable response. */
export type ConnectionCode = "connection_failed" | "timeout" | "unexpected_response";
/** All codes. A newer server may have more: keep a `default` in a `switch`. */
export type ErrorCode = ServerCode | ConnectionCode;

/** What is known of a failed request, beside its code. */
export interface Failure {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly requestId?: string | undefined;
  readonly retryAfterSeconds?: number | undefined;
  readonly problem?: Readonly<Record<string, unknown>> | undefined;
  readonly cause?: unknown;
}

/** A request that failed. Act on `code`; `detail` is written for engineers. */
export class HeadroomError<Code extends ErrorCode = ErrorCode> extends Error {
  /** The stable code, such as `not_found`. */
  readonly code: Code;
  /** The HTTP status; 0 if there is no response. */
  readonly status: number;
  /** A short summary. */
  readonly title: string;
  /** The explanation, and how to correct the request. */
  readonly detail: string;
  /** The request's id, as in the server's log. */
  readonly requestId: string | undefined;
  /** The seconds of `Retry-After`, if the server said when to try again. */
  readonly retryAfterSeconds: number | undefined;
  /** All fields of the problem as the server sent it, such as `id` of a `conflict` about an `external_id`. */
  readonly problem: Readonly<Record<string, unknown>> | undefined;
  /** How many attempts were made. */
  readonly attempts: number = 1;
  /**
   * The idempotency key of the request, if it had one. With it the request can be sent again later, and is carried out
   * once.
   */
  readonly idempotencyKey: string | undefined;

  constructor(code: Code, failure: Failure) {
    const of = failure.requestId === undefined ? "" : `, request ${failure.requestId}`;
    super(`${failure.detail} (${code}${of})`, failure.cause === undefined ? undefined : { cause: failure.cause });
    this.name = "HeadroomError";
    this.code = code;
    this.status = failure.status;
    this.title = failure.title;
    this.detail = failure.detail;
    this.requestId = failure.requestId;
    this.retryAfterSeconds = failure.retryAfterSeconds;
    this.problem = failure.problem;
  }

  /** Whether it is unknown if the request was carried out. */
  get isOutcomeUnknown(): boolean {
    const isAnswered = this.status >= 300 && this.status < 500;
    const codes: ErrorCode[] = ["outcome_unknown", "connection_failed", "timeout", "unexpected_response"];
    return codes.includes(this.code) && !isAnswered;
  }
}

/** The server refused the request, for a reason that has its code alone. */
export class RequestRefused extends HeadroomError<Problem["code"]> {
  override readonly name = "RequestRefused";
}

/** A limit of the account refused the request. The fields have the names of the API. */
export class LimitExceeded extends HeadroomError<LimitCode> {
  override readonly name = "LimitExceeded";
  /** The plan in force, or null. */
  readonly plan: string | null;
  /** The metric that refuses; of several the one that has room last. */
  readonly metric: string;
  /** What the metric counts. */
  readonly meter: string;
  /** The effective limit. A limit that refuses is never null (unlimited). */
  readonly limit: number | null;
  /** How much is used. */
  readonly used: number;
  /** How much the request asked for. */
  readonly requested: number;
  /** How much remains; null if the limit is. */
  readonly remaining: number | null;
  /** The window in which the counter counts; null for gauges and for all time. */
  readonly window: Window | null;
  /** The next day with room, for limits by day. */
  readonly next_allowed_day: string | null;
  /** The next instant with room, as far as it is known. A server with built-in metrics alone does not say. */
  readonly next_allowed_at: string | null;
  /** The plans that permit the request, the smallest first: the upgrades to offer. */
  readonly plans_that_allow: readonly string[];
  /** All limits that refuse, beginning with `metric`. A server with built-in metrics alone does not list them. */
  readonly exceeded: readonly ExceededLimit[];

  constructor(problem: LimitProblem, failure: Failure) {
    super(problem.code, failure);
    this.plan = problem.plan;
    this.metric = problem.metric;
    this.meter = problem.meter ?? (problem.metric === "bookings_per_day" ? "bookings" : problem.metric);
    this.limit = problem.limit;
    this.used = problem.used;
    this.requested = problem.requested;
    this.remaining = problem.remaining;
    this.window = problem.window;
    this.next_allowed_day = problem.next_allowed_day;
    this.next_allowed_at = problem.next_allowed_at ?? null;
    this.plans_that_allow = problem.plans_that_allow;
    this.exceeded = problem.exceeded ?? [];
  }
}

/** Fields of the request are faulty or unknown. */
export class ValidationFailed extends HeadroomError<ValidationCode> {
  override readonly name = "ValidationFailed";
  /** All faults, each with the JSON pointer of its field. */
  readonly errors: readonly FieldProblem[];

  constructor(problem: ValidationProblem, failure: Failure) {
    super(problem.code, failure);
    this.errors = problem.errors;
    this.message += problem.errors.map(({ pointer, code, detail }) => `\n${pointer}: ${code}: ${detail}`).join("");
  }
}

/** A change of plan with `over_limit: "reject"` permits less than there is. */
export class OverLimit extends HeadroomError<"over_limit"> {
  override readonly name = "OverLimit";
  /** Each excess. */
  readonly exceeded: readonly LimitExcess[];

  constructor(problem: OverLimitProblem, failure: Failure) {
    super("over_limit", failure);
    this.exceeded = problem.exceeded;
  }
}

/** There is no response, or none of Headroom's. */
export class ConnectionFailed extends HeadroomError<ConnectionCode> {
  override readonly name = "ConnectionFailed";
}

/** Every error of the client. A `switch` over its `code` narrows it. */
export type AnyHeadroomError = RequestRefused | LimitExceeded | ValidationFailed | OverLimit | ConnectionFailed;

/** Whether an error is the client's; a `switch` over its `code` narrows it to its class. */
export function isHeadroomError(error: unknown): error is AnyHeadroomError {
  return error instanceof HeadroomError;
}

/**
 * The error that a response which is no success stands for.
 *
 * @internal
 */
export function errorOf(response: Response, body: string): AnyHeadroomError {
  const retryAfterSeconds = parseRetryAfter(response.headers.get("Retry-After"));
  const problem = parseProblem(body);
  const requestId = response.headers.get("X-Request-Id") ?? undefined;
  const { status } = response;
  if (problem === undefined) {
    const location = response.headers.get("Location");
    const redirect = status >= 300 && status < 400 && location ? ` It redirects to ${location}: correct the base URL.` : "";
    const detail = `The response ${status} is not one of Headroom's.${redirect}`;
    return new ConnectionFailed("unexpected_response", {
      status,
      title: "Unexpected response",
      detail,
      requestId,
      retryAfterSeconds,
    });
  }
  const failure: Failure = {
    status,
    title: problem.title,
    detail: problem.detail,
    requestId: problem.request_id,
    retryAfterSeconds,
    problem: { ...problem },
  };
  if (isLimitProblem(problem)) return new LimitExceeded(problem, failure);
  if (isValidationProblem(problem)) return new ValidationFailed(problem, failure);
  if (isOverLimitProblem(problem)) return new OverLimit(problem, failure);
  return new RequestRefused(problem.code, failure);
}

function parseProblem(body: string): Problem | undefined {
  try {
    const parsed = JSON.parse(body) as Partial<Problem> | null;
    const isProblem = typeof parsed?.code === "string" && typeof parsed.detail === "string";
    return isProblem ? (parsed as Problem) : undefined;
  } catch {
    return undefined;
  }
}

// The fields are looked at, and not the codes: a newer server may have more codes.
function isLimitProblem(problem: object): problem is LimitProblem {
  return "metric" in problem && "used" in problem && "plans_that_allow" in problem;
}

function isValidationProblem(problem: object): problem is ValidationProblem {
  return "errors" in problem && Array.isArray(problem.errors);
}

function isOverLimitProblem(problem: object): problem is OverLimitProblem {
  return "code" in problem && problem.code === "over_limit" && "exceeded" in problem;
}

/** `Retry-After` in seconds: a number, or the time until a date (RFC 9110, section 10.2.3). */
function parseRetryAfter(value: string | null): number | undefined {
  if (value === null) return undefined;
  if (/^\d+$/.test(value)) return Number(value);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, (date - Date.now()) / 1000);
}
