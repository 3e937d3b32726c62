// Types of operations, derived from the generated ones.

import type { operations } from "./generated/openapi.js";

/** The `operationId` of an operation in the OpenAPI document. */
export type OperationId = keyof operations;

/** The parameters in the path of an operation. */
export type PathOf<Id extends OperationId> = operations[Id]["parameters"] extends { path: infer Path } ? Path : never;

/** The query parameters of an operation. */
export type QueryOf<Id extends OperationId> = NonNullable<operations[Id]["parameters"]["query"]>;

/** The body of a request of an operation. */
export type BodyOf<Id extends OperationId> = operations[Id] extends {
  requestBody: { content: { "application/json": infer Body } };
}
  ? Body
  : never;

type Content<Response> = Response extends { content: { "application/json": infer Body } } ? Body : never;
type ContentOf<Responses, Status> = Status extends keyof Responses ? Content<Responses[Status]> : never;
type Nothing<Responses> = 204 extends keyof Responses ? void : never;

/** The body of a success, and `void` for 204. */
export type ResultOf<Id extends OperationId> =
  | ContentOf<operations[Id]["responses"], 200 | 201>
  | Nothing<operations[Id]["responses"]>;

/** What an operation is sent with. */
export type InputOf<Id extends OperationId> = ([PathOf<Id>] extends [never] ? unknown : { path: PathOf<Id> }) &
  ([BodyOf<Id>] extends [never] ? unknown : { body: BodyOf<Id> }) & { query?: QueryOf<Id> };

/** The filters of a list: its query parameters, without the cursor, which {@link List} keeps. */
export type FiltersOf<Id extends OperationId> = Omit<QueryOf<Id>, "cursor">;

/** Options of every request. */
export interface RequestOptions {
  /** Aborts the request, and the wait for the next attempt. The promise is rejected with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** The time for one attempt, in milliseconds. Default: that of the client. */
  timeoutMs?: number | undefined;
  /** How often a failed attempt is repeated. Default: that of the client. */
  maxRetries?: number | undefined;
  /** More headers, such as `X-Request-Id` or `traceparent`. */
  headers?: Readonly<Record<string, string>> | undefined;
}

/** Options of a creation or an action (POST). */
export interface PostOptions extends RequestOptions {
  /** The idempotency key, such as one derived from an id of your own. Default: a new UUID for each call. */
  idempotencyKey?: string | undefined;
}

/** Options of a request that has a dry run. */
export interface DryRunOptions {
  /** Answers as the request would, and writes nothing. */
  dryRun?: boolean | undefined;
}

/** Options of a request that changes a resource. */
export interface IfMatchOptions {
  /**
   * The version that is to be changed: a resource that this client returned, an `ETag`, or `*` for any version. If the
   * resource has changed, the request is refused with `precondition_failed`.
   */
  ifMatch?: object | string | undefined;
}

/** Options of a request for a resource. */
export interface GetOptions<Resource extends object> extends RequestOptions {
  /** A resource that this client returned earlier. The same object is returned if it has not changed. */
  ifNoneMatch?: Resource | undefined;
}

/** All options of all requests. */
export interface AllOptions extends PostOptions, DryRunOptions, IfMatchOptions {
  ifNoneMatch?: object | undefined;
}

/** Sends the request of an operation, and returns the body of its response. */
export interface Sender {
  send<Id extends OperationId>(id: Id, input: InputOf<Id>, options?: AllOptions): Promise<ResultOf<Id>>;
}
