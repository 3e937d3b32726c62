// What the catalogue's own metrics count: usage, allocations, holds.

import type {
  Allocation,
  AllocationQuantity,
  AllocationsReplaced,
  ConfirmedHold,
  Hold,
  HoldConfirmation,
  NewHold,
  NewUsageItem,
  UsageBatch,
  UsageHistory,
  UsageRecord,
} from "../generated/schemas.js";
import type { List } from "../list.js";
import type {
  DryRunOptions,
  FiltersOf,
  GetOptions,
  IfMatchOptions,
  PostOptions,
  QueryOf,
  RequestOptions,
  Sender,
} from "../types.js";
import { listOf } from "./listing.js";

/** The usage of meters of counters. */
export class Usage {
  readonly #path: { account_id: string };

  /** @internal */
  constructor(
    account_id: string,
    private readonly sender: Sender,
  ) {
    this.#path = { account_id };
  }

  /** Records usage, by default of 1 and now, if every limit of the meter has room for all of it. */
  async record(usage: NewUsageItem, options?: PostOptions & DryRunOptions): Promise<UsageRecord> {
    // One item has one record.
    return (await this.sender.send("create_usage", { path: this.#path, body: usage }, options)) as UsageRecord;
  }

  /** Records 1 to 20 items as a whole, or not at all. */
  async recordAll(items: readonly NewUsageItem[], options?: PostOptions & DryRunOptions): Promise<UsageBatch> {
    const body = { items: [...items] };
    return (await this.sender.send("create_usage", { path: this.#path, body }, options)) as UsageBatch;
  }

  /** Lists usage records, the latest day first. */
  list(filters: FiltersOf<"list_usage"> = {}, options?: RequestOptions): List<UsageRecord> {
    return listOf(filters, (query) => this.sender.send("list_usage", { path: this.#path, query }, options));
  }

  /** Gets a usage record. */
  get(id: string, options?: RequestOptions): Promise<UsageRecord> {
    return this.sender.send("find_usage", { path: { ...this.#path, use_id: id } }, options);
  }

  /** Removes a usage record, and gives its quantity back. */
  remove(id: string, options?: RequestOptions): Promise<void> {
    return this.sender.send("remove_usage", { path: { ...this.#path, use_id: id } }, options);
  }

  /** Gets the usage of each window, for a chart. */
  history(query: QueryOf<"list_usage_history"> = {}, options?: RequestOptions): Promise<UsageHistory> {
    return this.sender.send("list_usage_history", { path: this.#path, query }, options);
  }
}

/** The allocations of one meter of gauges, each under a key of your own. */
export class Allocations {
  readonly #path: { account_id: string; meter: string };

  /** @internal */
  constructor(
    account_id: string,
    meter: string,
    private readonly sender: Sender,
  ) {
    this.#path = { account_id, meter };
  }

  /** Allocates a quantity, by default 1; or changes the quantity of the key. */
  put(key: string, quantity: AllocationQuantity = {}, options?: RequestOptions): Promise<Allocation> {
    return this.sender.send("put_allocation", { path: { ...this.#path, key }, body: quantity }, options);
  }

  /** Gets an allocation. */
  get(key: string, options?: RequestOptions): Promise<Allocation> {
    return this.sender.send("find_allocation", { path: { ...this.#path, key } }, options);
  }

  /** Removes an allocation. */
  remove(key: string, options?: RequestOptions): Promise<void> {
    return this.sender.send("remove_allocation", { path: { ...this.#path, key } }, options);
  }

  /** Lists the allocations, in the order of the keys. */
  list(filters: FiltersOf<"list_allocations"> = {}, options?: RequestOptions): List<Allocation> {
    return listOf(filters, (query) => this.sender.send("list_allocations", { path: this.#path, query }, options));
  }

  /**
   * Makes the keys exactly these, at most 1000. If the answer was lost and the request repeated, the keys that the first
   * attempt added are `unchanged`.
   */
  replace(keys: readonly string[], options?: RequestOptions & DryRunOptions): Promise<AllocationsReplaced> {
    return this.sender.send("replace_allocations", { path: this.#path, body: { keys: [...keys] } }, options);
  }
}

/** Holds, which keep a quantity of a meter free for a while. */
export class Holds {
  /** @internal */
  constructor(
    private readonly account_id: string,
    private readonly sender: Sender,
  ) {}

  /** Holds a quantity, by default 1. */
  create(hold: NewHold, options?: PostOptions & DryRunOptions): Promise<Hold> {
    return this.sender.send("create_hold", { path: { account_id: this.account_id }, body: hold }, options);
  }

  /** Lists holds in every state, the newest first. */
  list(filters: FiltersOf<"list_holds"> = {}, options?: RequestOptions): List<Hold> {
    const path = { account_id: this.account_id };
    return listOf(filters, (query) => this.sender.send("list_holds", { path, query }, options));
  }

  /** Gets a hold. */
  get(id: string, options?: GetOptions<Hold>): Promise<Hold> {
    return this.sender.send("find_hold", { path: this.#path(id) }, options);
  }

  /**
   * Makes usage or an allocation of a hold. A hold of `staff` or `bookings` is confirmed by creating the staff member or
   * the booking with its `hold_id`.
   */
  confirm(
    id: string,
    confirmation: HoldConfirmation = {},
    options?: PostOptions & DryRunOptions & IfMatchOptions,
  ): Promise<ConfirmedHold> {
    return this.sender.send("confirm_hold", { path: this.#path(id), body: confirmation }, options);
  }

  /** Releases a hold: its place is free at once. */
  release(id: string, options?: PostOptions & DryRunOptions & IfMatchOptions): Promise<Hold> {
    return this.sender.send("release_hold", { path: this.#path(id) }, options);
  }

  /** Sets the expiry, counted from now. */
  extend(
    id: string,
    expires_in_seconds: number,
    options?: PostOptions & DryRunOptions & IfMatchOptions,
  ): Promise<Hold> {
    return this.sender.send("extend_hold", { path: this.#path(id), body: { expires_in_seconds } }, options);
  }

  #path(hold_id: string) {
    return { account_id: this.account_id, hold_id };
  }
}
