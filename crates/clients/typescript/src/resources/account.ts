// One account: everything under /accounts/{account_id}.

import { type Checked, checkedOr, type Unchecked, unchecked } from "../checked.js";
import type { AnyHeadroomError } from "../errors.js";
import type {
  Account,
  AccountChange,
  AccountEntitlements,
  AuditEntry,
  Check,
  CheckQuestion,
  CheckResult,
  CheckResults,
  Ending,
  Erasure,
  FeatureCheck,
  Member,
  PlanChoice,
  Subscription,
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
import { Allocations, Holds, Usage } from "./metered.js";
import { Grants, Members, Overrides, SubscriptionResource } from "./administration.js";
import { listOf } from "./listing.js";
import { Bookings, Staff } from "./staff_and_bookings.js";

/** A question about a limit: one of `metric` and `meter`. */
export type LimitQuestion = Omit<CheckQuestion, "feature">;

/** A question about a feature. */
export interface FeatureQuestion {
  feature: string;
}

/** Whether Headroom may be left out if it does not answer; see `failOpen` of the client. */
export interface FailOpenOptions {
  /** Default: that of the client. */
  failOpen?: boolean | undefined;
}

/** Entitlements that Headroom could not be asked for: the lists are empty, and everything is permitted. */
export interface UncheckedEntitlements extends AccountEntitlements {
  readonly checked: false;
  /** Why Headroom could not be asked. */
  readonly error: AnyHeadroomError;
}

/** One account. Making this object sends no request. */
export class AccountResource {
  readonly subscription: SubscriptionResource;
  readonly members: Members;
  readonly overrides: Overrides;
  readonly grants: Grants;
  readonly staff: Staff;
  readonly bookings: Bookings;
  readonly usage: Usage;
  readonly holds: Holds;
  readonly #path: { account_id: string };

  /** @internal */
  constructor(
    /** The account's id. */
    readonly id: string,
    private readonly sender: Sender,
    private readonly failOpen: boolean,
  ) {
    this.#path = { account_id: id };
    this.subscription = new SubscriptionResource(id, sender);
    this.members = new Members(id, sender);
    this.overrides = new Overrides(id, sender);
    this.grants = new Grants(id, sender);
    this.staff = new Staff(id, sender);
    this.bookings = new Bookings(id, sender);
    this.usage = new Usage(id, sender);
    this.holds = new Holds(id, sender);
  }

  /** Gets the account. */
  get(options?: GetOptions<Account>): Promise<Account> {
    return this.sender.send("find_account", { path: this.#path }, options);
  }

  /** Changes the fields that are given. */
  update(change: AccountChange, options?: RequestOptions & DryRunOptions & IfMatchOptions): Promise<Account> {
    return this.sender.send("change_account", { path: this.#path, body: change }, options);
  }

  /** Removes the account, and keeps its data. */
  remove(options?: RequestOptions & IfMatchOptions): Promise<void> {
    return this.sender.send("remove_account", { path: this.#path }, options);
  }

  /** Restores the account. */
  restore(options?: PostOptions & IfMatchOptions): Promise<Account> {
    return this.sender.send("restore_account", { path: this.#path }, options);
  }

  /** Removes the personal data of the account permanently. For operators. */
  erase(options?: PostOptions & DryRunOptions): Promise<Erasure> {
    return this.sender.send("erase_account", { path: this.#path }, options);
  }

  /** Transfers the account to a user, by id or username. */
  transfer(user: string, options?: PostOptions & IfMatchOptions): Promise<Member> {
    return this.sender.send("transfer_account", { path: this.#path, body: { user } }, options);
  }

  /** Lists the audit log, the newest entry first. */
  audit(filters: FiltersOf<"list_audit"> = {}, options?: RequestOptions): List<AuditEntry> {
    return listOf(filters, (query) => this.sender.send("list_audit", { path: this.#path, query }, options));
  }

  /** Subscribes to a plan, or changes the plan. */
  subscribe(choice: PlanChoice, options?: PostOptions & DryRunOptions & IfMatchOptions): Promise<Subscription> {
    return this.sender.send("subscribe", { path: this.#path, body: choice }, options);
  }

  /** Ends the subscription. */
  unsubscribe(ending: Ending = {}, options?: PostOptions & IfMatchOptions): Promise<Subscription> {
    return this.sender.send("unsubscribe", { path: this.#path, body: ending }, options);
  }

  /** The allocations of a meter of gauges, such as `projects`. */
  allocations(meter: string): Allocations {
    return new Allocations(this.id, meter, this.sender);
  }

  /** Gets the limit and the usage of each metric, and the value of each feature. */
  entitlements(
    query: QueryOf<"list_entitlements"> = {},
    options: GetOptions<AccountEntitlements> & FailOpenOptions = {},
  ): Promise<Checked<AccountEntitlements> | UncheckedEntitlements> {
    const answer = this.sender.send("list_entitlements", { path: this.#path, query }, options);
    return checkedOr(answer, this.#fallback(options, (error) => this.#uncheckedEntitlements(query, error)));
  }

  /** Checks whether a quantity (by default 1) could be used or created now. It reserves nothing. */
  check(question: LimitQuestion, options?: RequestOptions & FailOpenOptions): Promise<Checked<Check> | Unchecked>;
  /** Checks whether a feature is on. */
  check(
    question: FeatureQuestion,
    options?: RequestOptions & FailOpenOptions,
  ): Promise<Checked<FeatureCheck> | Unchecked>;
  check(
    question: CheckQuestion,
    options: RequestOptions & FailOpenOptions = {},
  ): Promise<Checked<Check | FeatureCheck> | Unchecked> {
    // A question without `checks` has one result.
    const answer = this.sender.send("check", { path: this.#path, body: defined(question) }, options);
    return checkedOr(answer as Promise<CheckResult>, this.#fallback(options, unchecked));
  }

  /** Checks up to 100 questions, all at one instant. The answers are in the same order. */
  async checkAll(
    questions: readonly CheckQuestion[],
    options: RequestOptions & FailOpenOptions = {},
  ): Promise<(Checked<CheckResult> | Unchecked)[]> {
    const body = { checks: [...questions] };
    const answer = this.sender.send("check", { path: this.#path, body }, options) as Promise<CheckResults>;
    const all = await checkedOr(answer, this.#fallback(options, unchecked));
    if (!all.checked) return questions.map(() => all);
    return all.checks.map((result) => ({ ...result, checked: true as const }));
  }

  #fallback<T>(options: FailOpenOptions, fallback: (error: AnyHeadroomError) => T) {
    return (options.failOpen ?? this.failOpen) ? fallback : undefined;
  }

  #uncheckedEntitlements(query: QueryOf<"list_entitlements">, error: AnyHeadroomError): UncheckedEntitlements {
    const on = query.on ?? new Date().toISOString().slice(0, 10);
    return { checked: false, error, account_id: this.id, plan: null, on, entitlements: [], features: [] };
  }
}

/** The body of a check, whose `metric` is absent or a text. */
function defined({ metric, ...question }: CheckQuestion) {
  return { ...question, ...(metric === null || metric === undefined ? {} : { metric }) };
}
