// @headroom/client/openfeature: the features of accounts for the server SDK of OpenFeature.

import {
  type EvaluationContext,
  FlagNotFoundError,
  GeneralError,
  InvalidContextError,
  type JsonValue,
  type Provider,
  type ResolutionDetails,
  StandardResolutionReasons,
  TargetingKeyMissingError,
  TypeMismatchError,
} from "@openfeature/server-sdk";
import type { Headroom } from "./client.js";
import { isHeadroomError } from "./errors.js";
import type { AccountEntitlements, FeatureValue } from "./generated/schemas.js";

/** Settings of the provider. */
export interface ProviderOptions {
  /** For how long the features of an account are kept, in milliseconds. Default: 10,000. */
  cacheMs?: number | undefined;
  /** Of how many accounts the features are kept. Default: 1,000. */
  cacheSize?: number | undefined;
  /** Milliseconds that never go back. */
  now?: (() => number) | undefined;
}

interface Cached {
  readonly loaded: Promise<AccountEntitlements>;
  /** What the last successful request returned, for `If-None-Match`. */
  known: AccountEntitlements | undefined;
  readonly at: number;
}

/**
 * Resolves flags to the features of an account: the flag's key is the feature's, and the targeting key is the account's
 * id. A switch is a boolean, a number a number, a text a string; no feature is an object.
 *
 * If Headroom does not answer, the result is the default value of the evaluation, with an error code: so that value
 * decides whether a feature fails open or closed. The client's `failOpen` has no effect.
 */
export class HeadroomProvider implements Provider {
  readonly metadata = { name: "headroom" } as const;
  readonly runsOn = "server";
  readonly #headroom: Headroom;
  readonly #cacheMs: number;
  readonly #cacheSize: number;
  readonly #now: () => number;
  /** By account, the one that was loaded last at the end. */
  readonly #cache = new Map<string, Cached>();

  constructor(headroom: Headroom, options: ProviderOptions = {}) {
    this.#headroom = headroom;
    this.#cacheMs = options.cacheMs ?? 10_000;
    this.#cacheSize = options.cacheSize ?? 1_000;
    this.#now = options.now ?? (() => performance.now());
  }

  resolveBooleanEvaluation(
    flagKey: string,
    _defaultValue: boolean,
    context: EvaluationContext,
  ): Promise<ResolutionDetails<boolean>> {
    return this.#resolve(flagKey, context, (value) => typeof value === "boolean");
  }

  resolveNumberEvaluation(
    flagKey: string,
    _defaultValue: number,
    context: EvaluationContext,
  ): Promise<ResolutionDetails<number>> {
    return this.#resolve(flagKey, context, (value) => typeof value === "number");
  }

  resolveStringEvaluation(
    flagKey: string,
    _defaultValue: string,
    context: EvaluationContext,
  ): Promise<ResolutionDetails<string>> {
    return this.#resolve(flagKey, context, (value) => typeof value === "string");
  }

  resolveObjectEvaluation<T extends JsonValue>(
    flagKey: string,
    _defaultValue: T,
    context: EvaluationContext,
  ): Promise<ResolutionDetails<T>> {
    return this.#resolve(flagKey, context, (_value): _value is never => false);
  }

  async onClose(): Promise<void> {
    this.#cache.clear();
  }

  async #resolve<T>(
    key: string,
    context: EvaluationContext,
    isExpected: (value: unknown) => value is T,
  ): Promise<ResolutionDetails<T>> {
    const account = context.targetingKey;
    if (!account) throw new TargetingKeyMissingError("The targeting key is the id of an account, such as acct_….");
    const { entitlements, isCached } = await this.#entitlements(account);
    const feature = entitlements.features?.find((it) => it.feature === key);
    if (feature === undefined) throw new FlagNotFoundError(`The catalogue has no feature ${key}.`);
    const value: FeatureValue = feature.value;
    if (!isExpected(value)) throw new TypeMismatchError(`The feature ${key} is a ${typeof value}.`);
    const reason = isCached ? StandardResolutionReasons.CACHED : StandardResolutionReasons.TARGETING_MATCH;
    const flagMetadata = { overridden: feature.override !== null };
    return { value, reason, flagMetadata, ...(feature.plan === null ? {} : { variant: feature.plan }) };
  }

  /** The entitlements of an account: those that are kept, or from Headroom. Evaluations at the same time share a request. */
  async #entitlements(account: string) {
    const cached = this.#cache.get(account);
    const isCached = cached !== undefined && this.#now() - cached.at < this.#cacheMs;
    const entry = isCached ? cached : this.#load(account, cached?.known);
    try {
      return { entitlements: await entry.loaded, isCached };
    } catch (error) {
      // A failure is not kept: the next evaluation asks again.
      if (this.#cache.get(account) === entry) this.#cache.delete(account);
      if (!isHeadroomError(error)) throw error;
      if (error.code === "not_found") throw new InvalidContextError(`The targeting key is no account: ${error.message}`);
      throw new GeneralError(error.message);
    }
  }

  #load(account: string, known: AccountEntitlements | undefined): Cached {
    const loaded = this.#headroom.account(account).entitlements({}, { ifNoneMatch: known, failOpen: false });
    const entry: Cached = { loaded, known, at: this.#now() };
    loaded.then(
      (entitlements) => {
        entry.known = entitlements;
      },
      () => {},
    );
    this.#cache.delete(account);
    this.#cache.set(account, entry);
    const [oldest] = this.#cache.keys();
    if (this.#cache.size > this.#cacheSize && oldest !== undefined) this.#cache.delete(oldest);
    return entry;
  }
}
