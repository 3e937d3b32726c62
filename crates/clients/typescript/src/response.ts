// What a response says beside its body.

/** What a response says beside its body. */
export interface ResponseInfo {
  /** The HTTP status. */
  readonly status: number;
  /** The version of the resource, for `ifMatch` and `ifNoneMatch`. */
  readonly etag: string | undefined;
  /** The request's id, as in the server's log. */
  readonly requestId: string | undefined;
  /** The idempotency key that the request was sent with. */
  readonly idempotencyKey: string | undefined;
  /** Whether it is the response to an earlier request with the same idempotency key. */
  readonly isReplayed: boolean;
  /** Whether nothing was written. */
  readonly isDryRun: boolean;
  /** How many attempts were made. */
  readonly attempts: number;
}

const infos = new WeakMap<object, ResponseInfo>();

/** What the response with this body said beside it; undefined if the object does not come from this client. */
export function responseOf(body: object): ResponseInfo | undefined {
  return infos.get(body);
}

/** @internal */
export function remember<Body extends object>(body: Body, info: ResponseInfo): Body {
  infos.set(body, info);
  return body;
}

/** The `ETag` of a resource that a response had. */
export function etagOf(resource: object): string {
  const etag = infos.get(resource)?.etag;
  if (etag === undefined) {
    throw new TypeError("The version of this object is not known: it is no single resource that this client returned.");
  }
  return etag;
}
