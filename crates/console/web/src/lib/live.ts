// Data that stays current: it is loaded again at an interval while the page is visible, and after each change.

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { ApiError, type Loaded, onChange, UNCHANGED } from "./api";

export interface Live<T> {
  /** The latest value, also while and after a later load fails. */
  value: T | undefined;
  /** Why the last load failed. */
  error: ApiError | undefined;
}

/** Loads a value, unless it is still the one with the `ETag` of the last load. */
export type Load<T> = (signal: AbortSignal, etag: string | null) => Promise<Loaded<T> | typeof UNCHANGED>;

/** How often figures are loaded again, in seconds. */
export const FIGURES = 5;
/** How often lists are loaded again, in seconds. */
export const LISTS = 30;

/** Loads a value by `load`, which depends on `key` alone; with a `key` of null, nothing. */
export function useLive<T>(key: string | null, seconds: number, load: Load<T>): Live<T> {
  const [state, setState] = useState<{ key: string | null } & Partial<Live<T>>>({ key });
  const latest = useRef(load);
  latest.current = load;
  useEffect(() => {
    if (key === null) {
      return;
    }
    let timer: ReturnType<typeof setTimeout> | undefined;
    let controller = new AbortController();
    let etag: string | null = null;
    const refresh = async () => {
      clearTimeout(timer);
      controller.abort();
      controller = new AbortController();
      const { signal } = controller;
      try {
        const loaded = await latest.current(signal, etag);
        if (signal.aborted) {
          return;
        }
        if (loaded !== UNCHANGED) {
          etag = loaded.etag;
          setState({ key, value: loaded.value });
        } else {
          setState((old) => (old.error === undefined ? old : { ...old, error: undefined }));
        }
      } catch (error) {
        if (signal.aborted) {
          return;
        }
        if (!(error instanceof ApiError)) {
          throw error;
        }
        setState((old) => (old.key === key ? { ...old, error } : { key, error }));
      }
      if (!document.hidden) {
        timer = setTimeout(refresh, seconds * 1000);
      }
    };
    const onVisibility = () => (document.hidden ? clearTimeout(timer) : void refresh());
    document.addEventListener("visibilitychange", onVisibility);
    const stop = onChange(() => void refresh());
    void refresh();
    return () => {
      stop();
      clearTimeout(timer);
      controller.abort();
      document.removeEventListener("visibilitychange", onVisibility);
    };
  }, [key, seconds]);
  const isCurrent = state.key === key;
  return { value: isCurrent ? state.value : undefined, error: isCurrent ? state.error : undefined };
}

/** A page of a list. */
export interface ListPage<T> {
  data: T[];
  next_cursor: string | null;
}

/** How many items a page of a list shows at first, and how many more each time. */
const PAGE = 20;

export interface LiveList<T> extends Live<T[]> {
  hasMore: boolean;
  showMore: () => void;
}

/** Loads the first items of a list, and more on demand. Pages may be short, so it continues until it has enough. */
export function useList<T>(
  key: string | null,
  load: (cursor: string | undefined, signal: AbortSignal) => Promise<ListPage<T>>,
): LiveList<T> {
  const [shown, setShown] = useState({ key, count: PAGE });
  const count = shown.key === key ? shown.count : PAGE;
  const { value, error } = useLive(key === null ? null : `${key} ${count}`, LISTS, async (signal) => {
    const data: T[] = [];
    let cursor: string | undefined;
    do {
      const page = await load(cursor, signal);
      data.push(...page.data);
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined && data.length < count);
    return { value: { data, hasMore: cursor !== undefined }, etag: null };
  });
  // While more is loading, what was there stays.
  const last = useRef<{ key: string | null; value: { data: T[]; hasMore: boolean } } | null>(null);
  if (value) {
    last.current = { key, value };
  }
  const kept = last.current?.key === key ? last.current.value : undefined;
  const showMore = useCallback(() => setShown({ key, count: count + PAGE }), [key, count]);
  return { value: kept?.data, error, hasMore: kept?.hasMore ?? false, showMore };
}

/** Something that the user starts: whether it is running, and why it failed. */
export interface Action<A extends unknown[]> {
  run: (...args: A) => Promise<boolean>;
  isRunning: boolean;
  error: ApiError | undefined;
  clear: () => void;
}

/** An action that the user starts. `run` tells whether it succeeded. A second start while it runs does nothing. */
export function useAction<A extends unknown[]>(act: (...args: A) => Promise<unknown>): Action<A> {
  const [isRunning, setRunning] = useState(false);
  const [error, setError] = useState<ApiError>();
  const latest = useRef(act);
  latest.current = act;
  const isBusy = useRef(false);
  const run = useCallback(async (...args: A) => {
    if (isBusy.current) {
      return false;
    }
    isBusy.current = true;
    setRunning(true);
    setError(undefined);
    try {
      await latest.current(...args);
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) {
        throw error;
      }
      setError(error);
      return false;
    } finally {
      isBusy.current = false;
      setRunning(false);
    }
  }, []);
  const clear = useCallback(() => setError(undefined), []);
  return { run, isRunning, error, clear };
}
