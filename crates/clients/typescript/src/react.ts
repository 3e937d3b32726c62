// @headroom/client/react: hooks for entitlements and features.

import {
  createContext,
  createElement,
  type FunctionComponentElement,
  type ProviderProps,
  type ReactNode,
  useContext,
  useEffect,
  useMemo,
  useSyncExternalStore,
} from "react";
import { type EntitlementSource, EntitlementStore, type StoreState } from "./entitlement_store.js";
import type { AccountEntitlements, Entitlement, FeatureEntitlement, FeatureValue } from "./generated/schemas.js";

export {
  type EntitlementSource,
  type FetchOptions,
  entitlementsFrom,
  entitlementsOf,
} from "./entitlement_store.js";

/** The properties of {@link EntitlementsProvider}. */
export interface EntitlementsProviderProps {
  /** Where the entitlements come from. Make it once, outside of the component or with `useMemo`: another one starts anew. */
  source: EntitlementSource;
  /** For how long entitlements count as fresh, in milliseconds. Default: 30,000. */
  staleAfterMs?: number | undefined;
  /** Refreshes again and again after so many milliseconds. Default: never. */
  refreshIntervalMs?: number | undefined;
  /** Whether stale entitlements are refreshed when the page is shown again. Default: true. */
  refreshOnFocus?: boolean | undefined;
  /** What the hooks say while nothing is known: `false`, the default, refuses (fails closed); `true` permits. */
  failOpen?: boolean | undefined;
  /** Entitlements that are known already, such as those that a server rendered the page with. */
  initial?: AccountEntitlements | undefined;
  children?: ReactNode;
}

interface Shared {
  readonly store: EntitlementStore;
  readonly failOpen: boolean;
}

const Context = createContext<Shared | undefined>(undefined);

/** Gives the entitlements of one account to the hooks in its children. */
export function EntitlementsProvider(
  props: EntitlementsProviderProps,
): FunctionComponentElement<ProviderProps<Shared | undefined>> {
  const { source, staleAfterMs, refreshIntervalMs, refreshOnFocus = true, failOpen = false, initial, children } = props;
  // What is initial is so for the first store of a source alone.
  const store = useMemo(() => new EntitlementStore(source, { staleAfterMs, initial }), [source, staleAfterMs]);
  const shared = useMemo(() => ({ store, failOpen }), [store, failOpen]);

  useEffect(() => store.cancel, [store]);

  useEffect(() => {
    if (refreshIntervalMs === undefined) return undefined;
    const timer = setInterval(() => void store.refresh(), refreshIntervalMs);
    return () => clearInterval(timer);
  }, [store, refreshIntervalMs]);

  useEffect(() => {
    if (!refreshOnFocus) return undefined;
    const shown = () => {
      if (document.visibilityState === "visible") store.refreshIfStale();
    };
    document.addEventListener("visibilitychange", shown);
    return () => document.removeEventListener("visibilitychange", shown);
  }, [store, refreshOnFocus]);

  return createElement(Context.Provider, { value: shared }, children);
}

/** What every hook says. */
export interface HookState {
  /**
   * `loading`: nothing is known yet. `ready`: the answer is Headroom's. `unknown`: the catalogue has no such metric or
   * feature. `failed`: nothing is known, because of `error`.
   */
  readonly status: "loading" | "ready" | "unknown" | "failed";
  /** Whether Headroom said so: false while nothing is known. */
  readonly checked: boolean;
  /** Whether the answer is shown although it is being refreshed, or its refresh failed. */
  readonly isStale: boolean;
  /** Why the last refresh failed; undefined if it did not. */
  readonly error: unknown;
  /** Loads the entitlements again, after something was created for example. */
  readonly refresh: () => Promise<void>;
}

/** A limit and its usage. */
export interface EntitlementState extends HookState {
  /** Whether one more is permitted. The creation still decides. While nothing is known: whether the provider fails open. */
  readonly allowed: boolean;
  /** How much remains; null for unlimited, undefined while nothing is known. */
  readonly remaining: number | null | undefined;
  /** The effective limit; null for unlimited, undefined while nothing is known. */
  readonly limit: number | null | undefined;
  /** How much is used; undefined while nothing is known. */
  readonly used: number | undefined;
  /** The account's plan; null without one, undefined while nothing is known. */
  readonly plan: string | null | undefined;
  /** All that is known of the metric. */
  readonly entitlement: Entitlement | undefined;
}

/** The limit and the usage of a metric, such as `staff`. */
export function useEntitlement(metric: string): EntitlementState {
  const { state, store, failOpen } = useShared();
  return useMemo(() => {
    const entitlement = state.entitlements?.entitlements.find((it) => it.metric === metric);
    const hook = hookState(state, store, entitlement !== undefined);
    const remaining = entitlement?.remaining;
    const permits = remaining === null || (remaining !== undefined && remaining > 0);
    return {
      ...hook,
      allowed: hook.checked ? permits : failOpen,
      remaining,
      limit: entitlement?.limit,
      used: entitlement?.used,
      plan: state.entitlements?.plan,
      entitlement,
    };
  }, [state, store, failOpen, metric]);
}

/** A feature. */
export interface FeatureState extends HookState {
  /** Whether it is on, more than 0, or a text. While nothing is known: whether the provider fails open. */
  readonly allowed: boolean;
  /** Its value; undefined while nothing is known. */
  readonly value: FeatureValue | undefined;
  /** All that is known of the feature. */
  readonly feature: FeatureEntitlement | undefined;
}

/** The value of a feature, such as `sso`. */
export function useFeature(key: string): FeatureState {
  const { state, store, failOpen } = useShared();
  return useMemo(() => {
    const feature = state.entitlements?.features?.find((it) => it.feature === key);
    const hook = hookState(state, store, feature !== undefined);
    return { ...hook, allowed: hook.checked ? Boolean(feature?.value) : failOpen, value: feature?.value, feature };
  }, [state, store, failOpen, key]);
}

function useShared(): Shared & { readonly state: StoreState } {
  const shared = useContext(Context);
  if (shared === undefined) throw new Error("The hook is used outside of an <EntitlementsProvider>.");
  const { store } = shared;
  const state = useSyncExternalStore(store.subscribe, store.state, store.state);
  // What is shown first also loads it. What is shown later shows what is there, and refreshes it if it is stale.
  useEffect(store.refreshIfStale, [store]);
  return { ...shared, state };
}

function hookState(state: StoreState, store: EntitlementStore, isKnown: boolean): HookState {
  const { entitlements, error, isRefreshing } = state;
  const withoutAny = error === undefined ? "loading" : "failed";
  const status = entitlements === undefined ? withoutAny : isKnown ? "ready" : "unknown";
  return {
    status,
    // That the catalogue has no such metric is an answer, too.
    checked: entitlements !== undefined,
    isStale: entitlements !== undefined && (isRefreshing || error !== undefined),
    error,
    refresh: store.refresh,
  };
}
