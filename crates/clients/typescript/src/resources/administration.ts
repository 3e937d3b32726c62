// Who may act on an account, and what it may use: members, subscription, overrides, grants.

import type {
  AnyOverride,
  Grant,
  ListedOverride,
  Member,
  NewGrant,
  NewOverride,
  PlanChangePreview,
  PlanChoice,
  Role,
  Subscription,
  SubscriptionChange,
} from "../generated/schemas.js";
import type { List } from "../list.js";
import type {
  DryRunOptions,
  FiltersOf,
  GetOptions,
  IfMatchOptions,
  PostOptions,
  RequestOptions,
  Sender,
} from "../types.js";
import { listOf } from "./listing.js";

/** The subscription of an account. */
export class SubscriptionResource {
  readonly #path: { account_id: string };

  /** @internal */
  constructor(
    account_id: string,
    private readonly sender: Sender,
  ) {
    this.#path = { account_id };
  }

  /** Gets plan, period and scheduled change. */
  get(options?: GetOptions<Subscription>): Promise<Subscription> {
    return this.sender.send("find_subscription", { path: this.#path }, options);
  }

  /** Previews a change of plan. */
  preview(choice: PlanChoice, options?: RequestOptions): Promise<PlanChangePreview> {
    return this.sender.send("preview_plan_change", { path: this.#path, body: choice }, options);
  }

  /** Cancels the scheduled change. */
  cancelScheduledChange(options?: RequestOptions & IfMatchOptions): Promise<void> {
    return this.sender.send("cancel_scheduled_change", { path: this.#path }, options);
  }

  /** Lists the changes of plan, the newest first. */
  history(filters: FiltersOf<"list_subscription_changes"> = {}, options?: RequestOptions): List<SubscriptionChange> {
    const path = this.#path;
    return listOf(filters, (query) => this.sender.send("list_subscription_changes", { path, query }, options));
  }
}

/** The members of an account. A user is named by id or username. */
export class Members {
  /** @internal */
  constructor(
    private readonly account_id: string,
    private readonly sender: Sender,
  ) {}

  /** Lists the members. */
  list(filters: FiltersOf<"list_members"> = {}, options?: RequestOptions): List<Member> {
    const path = { account_id: this.account_id };
    return listOf(filters, (query) => this.sender.send("list_members", { path, query }, options));
  }

  /** Gets a member. */
  get(user: string, options?: GetOptions<Member>): Promise<Member> {
    return this.sender.send("find_member", { path: this.#path(user) }, options);
  }

  /** Adds a member, or changes their role. */
  put(user: string, role: Role, options?: RequestOptions & IfMatchOptions): Promise<Member> {
    return this.sender.send("put_member", { path: this.#path(user), body: { role } }, options);
  }

  /** Removes a member. */
  remove(user: string, options?: RequestOptions & IfMatchOptions): Promise<void> {
    return this.sender.send("remove_member", { path: this.#path(user) }, options);
  }

  #path(user_id: string) {
    return { account_id: this.account_id, user_id };
  }
}

/** Limits and features of one account, instead of its plan's. For operators. */
export class Overrides {
  /** @internal */
  constructor(
    private readonly account_id: string,
    private readonly sender: Sender,
  ) {}

  /** Lists the overrides, by key. */
  list(filters: FiltersOf<"list_overrides"> = {}, options?: RequestOptions): List<ListedOverride> {
    const path = { account_id: this.account_id };
    return listOf(filters, (query) => this.sender.send("list_overrides", { path, query }, options));
  }

  /** Overrides a metric (`limit`) or a feature (`value`). */
  put(
    key: string,
    override: NewOverride,
    options?: RequestOptions & DryRunOptions & IfMatchOptions,
  ): Promise<AnyOverride> {
    return this.sender.send("put_override", { path: this.#path(key), body: override }, options);
  }

  /** Removes an override. */
  remove(key: string, options?: RequestOptions & DryRunOptions & IfMatchOptions): Promise<void> {
    return this.sender.send("remove_override", { path: this.#path(key) }, options);
  }

  #path(metric: string) {
    return { account_id: this.account_id, metric };
  }
}

/** Quantities that were added to limits of one account. For operators. */
export class Grants {
  /** @internal */
  constructor(
    private readonly account_id: string,
    private readonly sender: Sender,
  ) {}

  /** Adds to a limit. */
  create(grant: NewGrant, options?: PostOptions & DryRunOptions): Promise<Grant> {
    return this.sender.send("create_grant", { path: { account_id: this.account_id }, body: grant }, options);
  }

  /** Lists the grants, the newest first. */
  list(filters: FiltersOf<"list_grants"> = {}, options?: RequestOptions): List<Grant> {
    const path = { account_id: this.account_id };
    return listOf(filters, (query) => this.sender.send("list_grants", { path, query }, options));
  }

  /** Gets a grant. */
  get(id: string, options?: GetOptions<Grant>): Promise<Grant> {
    return this.sender.send("find_grant", { path: this.#path(id) }, options);
  }

  /** Removes a grant. */
  remove(id: string, options?: RequestOptions & DryRunOptions & IfMatchOptions): Promise<void> {
    return this.sender.send("remove_grant", { path: this.#path(id) }, options);
  }

  #path(grant_id: string) {
    return { account_id: this.account_id, grant_id };
  }
}
