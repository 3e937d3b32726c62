// Entitlements that are shown at once and refreshed behind (stale-while-revalidate), without a framework.

import type { AccountEntitlements } from "./generated/schemas.js";
import type { AccountResource } from "./resources/account.js";

/** Where entitlements come from. */
export interface EntitlementSource {
  /** Loads the entitlements. Returns `previous` itself if nothing has changed. */
  load(previous: AccountEntitlements | undefined, signal: AbortSignal): Promise<AccountEntitlements>;
}

/** The entitlements of an account, from Headroom itself. For pages that may have a credential of Headroom. */
export function entitlementsOf(account: AccountResource): EntitlementSource {
  return {
    load: (previous, signal) => account.entitlements({}, { ifNoneMatch: previous, signal, failOpen: false }),
  };
}

/** How the entitlements are fetched from your own backend. */
export interface FetchOptions {
  /** Headers of each request, or a function that returns them. */
  headers?: Readonly<Record<string, string>> | (() => Readonly<Record<string, string>>) | undefined;
  /** Whether cookies are sent. Default: to the same origin. */
  credentials?: RequestCredentials | undefined;
  /** A replacement for the global `fetch`. */
  fetch?: typeof fetch | undefined;
}

/**
 * The entitlements that your own backend answers at this URL, as it got them from Headroom. With an `ETag` they are
 * transferred only if they have changed.
 */
export function entitlementsFrom(url: string, options: FetchOptions = {}): EntitlementSource {
  const etags = new WeakMap<AccountEntitlements, string>();
  const send = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
  return {
    async load(previous, signal) {
      const given = typeof options.headers === "function" ? options.headers() : (options.headers ?? {});
      const headers = new Headers(given);
      headers.set("Accept", "application/json");
      const known = previous && etags.get(previous);
      if (known !== undefined) headers.set("If-None-Match", known);
      const credentials = options.credentials ?? "same-origin";
      const response = await send(url, { headers, credentials, signal });
      if (response.status === 304 && previous !== undefined) return previous;
      if (!response.ok) throw new Error(`${url} answered ${response.status}`);
      const loaded = (await response.json()) as AccountEntitlements;
      if (!Array.isArray(loaded?.entitlements)) throw new Error(`${url} answered no entitlements`);
      const etag = response.headers.get("ETag");
      if (etag !== null) etags.set(loaded, etag);
      return loaded;
    },
  };
}

/** What is known of the entitlements. Each change is a new object. */
export interface StoreState {
  /** The entitlements; undefined until the first are loaded. */
  readonly entitlements: AccountEntitlements | undefined;
  /** Why the last refresh failed; undefined if it did not. */
  readonly error: unknown;
  /** Whether a refresh is under way. */
  readonly isRefreshing: boolean;
}

/** Settings of a store. */
export interface StoreOptions {
  /** For how long entitlements count as fresh, in milliseconds. Default: 30,000. */
  staleAfterMs?: number | undefined;
  /** Entitlements that are known already, such as those that a server rendered the page with. */
  initial?: AccountEntitlements | undefined;
  /** Milliseconds that never go back. */
  now?: (() => number) | undefined;
}

/** Keeps the entitlements of one account. */
export class EntitlementStore {
  readonly #source: EntitlementSource;
  readonly #staleAfterMs: number;
  readonly #now: () => number;
  readonly #listeners = new Set<() => void>();
  #state: StoreState;
  #loadedAt: number;
  #running: { readonly done: Promise<void>; readonly controller: AbortController } | undefined;

  constructor(source: EntitlementSource, options: StoreOptions = {}) {
    this.#source = source;
    this.#staleAfterMs = options.staleAfterMs ?? 30_000;
    this.#now = options.now ?? (() => performance.now());
    this.#state = { entitlements: options.initial, error: undefined, isRefreshing: false };
    this.#loadedAt = options.initial === undefined ? -Infinity : this.#now();
  }

  /** Calls the listener after each change, until the function that is returned is called. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The present state. */
  readonly state = (): StoreState => this.#state;

  /** Loads the entitlements again, even if they are fresh. Refreshes at the same time are one. Never rejects. */
  readonly refresh = (): Promise<void> => {
    this.#running ??= this.#start();
    return this.#running.done;
  };

  /** Loads the entitlements again if they are not fresh any more. */
  readonly refreshIfStale = (): void => {
    if (this.#now() - this.#loadedAt >= this.#staleAfterMs) void this.refresh();
  };

  /** Gives up the refresh that is under way. */
  readonly cancel = (): void => {
    this.#running?.controller.abort();
    this.#running = undefined;
    if (this.#state.isRefreshing) this.#set({ isRefreshing: false });
  };

  #start() {
    const controller = new AbortController();
    return { controller, done: this.#load(controller.signal) };
  }

  async #load(signal: AbortSignal): Promise<void> {
    this.#set({ isRefreshing: true });
    let change: Partial<StoreState>;
    try {
      change = { entitlements: await this.#source.load(this.#state.entitlements, signal), error: undefined };
    } catch (error) {
      change = { error };
    }
    if (signal.aborted) return;
    if (change.entitlements !== undefined) this.#loadedAt = this.#now();
    this.#running = undefined;
    this.#set({ ...change, isRefreshing: false });
  }

  #set(change: Partial<StoreState>) {
    this.#state = { ...this.#state, ...change };
    for (const listener of [...this.#listeners]) listener();
  }
}
