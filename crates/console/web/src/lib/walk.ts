// All accounts near a limit, the most urgent first. The API lists them by the age of the account, in pages that each
// examine up to 200 accounts. So the walk reads one page after the other, and tells at any time what it has read.

import { useEffect, useState } from "preact/hooks";
import { api, ApiError, call, onChange, type Schemas } from "./api";
import { LISTS } from "./live";
import { type Session, useSession } from "./session";

export type NearAccount = Schemas["NearLimits"];

/** From this part of a limit on, an account is near it. */
export const NEAR = 0.8;
/** How many accounts are kept: the most urgent ones. */
const KEPT = 500;
/** The least time between two updates of what is shown: cards that move all the time cannot be read. */
const SHOW_MS = 1000;
/** A walk is repeated after this many times its duration, so it takes a small part of the server's time. */
const REST = 10;
/** A walk that took no longer is repeated after each change. */
const SHORT_MS = 1000;
/** How often a page is requested that is refused for the moment (429, 503), and the seconds between two requests. */
const ATTEMPTS_MAX = 5;
const RETRY_SECONDS = 1;
/** What a later request does not change: no session, no permission, no such list. After other failures the walk goes on. */
const FINAL = [401, 403, 404];

/** What was read. */
export interface Found {
  /** The most urgent accounts, in order. */
  accounts: NearAccount[];
  /** How many accounts are near a limit. */
  count: number;
  /** How many pages were read. The API does not say how many accounts it examined for them. */
  pages: number;
}

export interface WalkState {
  found: Found;
  /** Whether `found` is of all accounts. */
  isComplete: boolean;
  /** When the last account was read; of a walk that is complete. */
  readAt: number;
  /** How many pages were read, if a walk is running. */
  reading: number | null;
  error: ApiError | undefined;
}

const NOTHING: Found = { accounts: [], count: 0, pages: 0 };

/** How much of a limit is used, of the metric that is used most. */
function urgency({ metrics }: NearAccount): number {
  return Math.max(...metrics.map(({ used, limit }) => (limit === 0 ? Number.POSITIVE_INFINITY : used / limit)));
}

const byUrgency = (a: NearAccount, b: NearAccount) => urgency(b) - urgency(a) || a.name.localeCompare(b.name);

class Walk {
  state: WalkState = { found: NOTHING, isComplete: false, readAt: 0, reading: null, error: undefined };
  private found = NOTHING;
  private cursor: string | null = null;
  /** How long the requests of this walk, or of the last one, took. */
  private duration = 0;
  private controller: AbortController | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isStopped = false;
  private readonly listeners = new Set<(state: WalkState) => void>();

  /** Walks while something listens. Returns a function that ends this. */
  listen(listener: (state: WalkState) => void): () => void {
    this.listeners.add(listener);
    if (!this.isStopped) {
      this.continueWhenDue();
    }
    const stop = onChange(() => this.repeatIfShort());
    return () => {
      stop();
      this.listeners.delete(listener);
      this.pause();
    };
  }

  /** Goes on where it was stopped, or begins anew. */
  resume() {
    this.isStopped = false;
    clearTimeout(this.timer);
    if (this.controller === null) {
      void this.run();
    }
  }

  stop() {
    this.isStopped = true;
    this.pause();
  }

  private pause() {
    clearTimeout(this.timer);
    this.controller?.abort();
    this.controller = null;
    this.update({ reading: null, ...this.partial() });
  }

  private continueWhenDue() {
    const rest = Math.max(LISTS * 1000, REST * this.duration);
    const wait = this.state.isComplete && this.cursor === null ? this.state.readAt + rest - Date.now() : 0;
    clearTimeout(this.timer);
    if (wait > 0) {
      this.timer = setTimeout(() => this.resume(), wait);
    } else {
      this.resume();
    }
  }

  private repeatIfShort() {
    if (this.state.isComplete && this.duration <= SHORT_MS && !this.isStopped) {
      this.controller?.abort();
      this.controller = null;
      this.cursor = null;
      this.resume();
    }
  }

  /** What was read so far, unless a complete list is shown: a complete list alone replaces that. */
  private partial(): Partial<WalkState> {
    return this.state.isComplete ? {} : { found: this.found };
  }

  private update(change: Partial<WalkState>) {
    this.state = { ...this.state, ...change };
    this.listeners.forEach((listener) => listener(this.state));
  }

  private async run() {
    const controller = new AbortController();
    const { signal } = controller;
    this.controller = controller;
    if (this.cursor === null) {
      [this.found, this.duration] = [NOTHING, 0];
    }
    this.update({ reading: this.found.pages, error: undefined });
    try {
      await this.read(signal);
    } catch (error) {
      if (signal.aborted) {
        return;
      }
      if (!(error instanceof ApiError)) {
        throw error;
      }
      // A cursor of another catalogue is refused: the walk begins anew then.
      this.cursor = error.problem.status === 400 ? null : this.cursor;
      this.controller = null;
      this.update({ error, reading: null, ...this.partial() });
      if (!FINAL.includes(error.problem.status)) {
        this.timer = setTimeout(() => this.resume(), LISTS * 1000);
      }
      return;
    }
    this.controller = null;
    this.update({ found: this.found, isComplete: true, readAt: Date.now(), reading: null });
    this.continueWhenDue();
  }

  private async read(signal: AbortSignal) {
    let shownAt = Number.NEGATIVE_INFINITY;
    do {
      await untilVisible(signal);
      const begun = performance.now();
      const page = await nextPage(this.cursor, signal);
      this.duration += performance.now() - begun;
      this.found = plus(this.found, page.data);
      this.cursor = page.next_cursor;
      if (performance.now() - shownAt >= SHOW_MS) {
        shownAt = performance.now();
        this.update({ reading: this.found.pages, ...this.partial() });
      }
    } while (this.cursor !== null);
  }
}

function plus(found: Found, accounts: NearAccount[]): Found {
  const all = [...found.accounts, ...accounts].sort(byUrgency).slice(0, KEPT);
  return { accounts: all, count: found.count + accounts.length, pages: found.pages + 1 };
}

/** A page; if it is refused for the moment, again after a while. */
async function nextPage(cursor: string | null, signal: AbortSignal): Promise<Schemas["NearLimitsList"]> {
  const query = { ratio: NEAR, limit: 100, ...(cursor && { cursor }) };
  for (let attempts = 1; ; attempts += 1) {
    const answer = await api.GET("/near-limits", { params: { query }, signal });
    if (![429, 503].includes(answer.response.status) || attempts >= ATTEMPTS_MAX) {
      return call(Promise.resolve(answer));
    }
    const seconds = Number(answer.response.headers.get("Retry-After")) || RETRY_SECONDS;
    await orAborted(signal, (resume) => setTimeout(resume, seconds * 1000));
  }
}

/** Waits while the page is hidden. */
async function untilVisible(signal: AbortSignal) {
  while (document.hidden) {
    await orAborted(signal, (resume) => document.addEventListener("visibilitychange", resume, { once: true }));
  }
}

/** Waits until `begin` calls what it is given; fails if the signal is aborted first. */
function orAborted(signal: AbortSignal, begin: (resume: () => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
    begin(() => resolve());
  });
}

// The walk of a session: a user who returns to the page finds what was read.
const walks = new WeakMap<Session, Walk>();

export interface NearLimitsWalk extends WalkState {
  stop: () => void;
  resume: () => void;
}

export function useNearLimits(): NearLimitsWalk {
  const session = useSession();
  const walk = walks.get(session) ?? new Walk();
  walks.set(session, walk);
  const [state, setState] = useState(walk.state);
  useEffect(() => walk.listen(setState), [walk]);
  return { ...state, stop: () => walk.stop(), resume: () => walk.resume() };
}
