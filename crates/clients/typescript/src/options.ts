// Options of the client, and their defaults.

/** An API key, for programs. */
export interface ApiKeyCredentials {
  apiKey: string;
}

/** An access token, or a function that returns one. The function is called again if a token has expired. */
export interface TokenCredentials {
  token: string | (() => string | Promise<string>);
}

/** A login. The client gets access tokens, and refreshes them. */
export interface PasswordCredentials {
  username: string;
  password: string;
}

/** No credentials: for `health`, `plans.list()` and `users.register()`. */
export interface NoCredentials {
  apiKey?: never;
  token?: never;
  username?: never;
}

export type Credentials = ApiKeyCredentials | TokenCredentials | PasswordCredentials | NoCredentials;

export interface Settings {
  /** Where Headroom is, such as `http://localhost:8000` or `https://example.com/headroom`. */
  baseUrl: string;
  /** The time for one attempt, in milliseconds. Default: 10,000. */
  timeoutMs?: number | undefined;
  /** How often a failed attempt is repeated. Default: 4. */
  maxRetries?: number | undefined;
  /** The wait before the first repetition, in milliseconds; it doubles each time. Default: 200. */
  retryDelayMs?: number | undefined;
  /** The longest wait, in milliseconds. A request whose `Retry-After` is longer is not repeated. Default: 10,000. */
  maxRetryDelayMs?: number | undefined;
  /**
   * What `check`, `checkAll` and `entitlements` do if Headroom does not answer (no connection, a time-out, 429, 5xx),
   * after all repetitions. By default they fail closed: the promise is rejected. With `true` they fail open: the answer
   * permits everything, and has `checked: false` and the `error`. Nothing else is affected: a creation never succeeds
   * without Headroom.
   */
  failOpen?: boolean | undefined;
  /** Headers of every request. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** A replacement for the global `fetch`. */
  fetch?: typeof fetch | undefined;
}

/** The options of {@link Headroom}. */
export type HeadroomOptions = Settings & Credentials;
