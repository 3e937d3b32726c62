// The client: one object per server and caller.

import type { Clock } from "./clock.js";
import type { Health, PublicKeys, Readiness } from "./generated/schemas.js";
import type { HeadroomOptions } from "./options.js";
import { AccountResource } from "./resources/account.js";
import { Accounts, ApiKeys, Plans, Users } from "./resources/service.js";
import { Transport } from "./transport.js";
import type { AllOptions, InputOf, OperationId, RequestOptions, ResultOf } from "./types.js";

/**
 * A client of one Headroom server.
 *
 * ```ts
 * const headroom = new Headroom({ baseUrl: "http://localhost:8000", apiKey: "hr_live_…" });
 * const account = headroom.account("acct_…");
 * await account.staff.create({ name: "Ann" });
 * ```
 */
export class Headroom {
  readonly accounts: Accounts;
  readonly users: Users;
  readonly apiKeys: ApiKeys;
  readonly plans: Plans;
  readonly #transport: Transport;
  readonly #failOpen: boolean;

  constructor(options: HeadroomOptions);
  /** @internal */
  constructor(options: HeadroomOptions, clock: Clock);
  constructor(options: HeadroomOptions, clock?: Clock) {
    this.#transport = new Transport(options, clock);
    this.#failOpen = options.failOpen ?? false;
    this.accounts = new Accounts(this.#transport);
    this.users = new Users(this.#transport);
    this.apiKeys = new ApiKeys(this.#transport);
    this.plans = new Plans(this.#transport);
  }

  /** One account, by its id. This sends no request. */
  account(id: string): AccountResource {
    return new AccountResource(id, this.#transport, this.#failOpen);
  }

  /** Whether the process answers. */
  health(options?: RequestOptions): Promise<Health> {
    return this.#transport.send("health", {}, options);
  }

  /** Whether a write to the database succeeds. */
  ready(options?: RequestOptions): Promise<Readiness> {
    return this.#transport.send("ready", {}, options);
  }

  /** The public keys that verify access tokens. */
  publicKeys(options?: RequestOptions): Promise<PublicKeys> {
    return this.#transport.send("list_public_keys", {}, options);
  }

  /** Ends the session of a client with `username` and `password`. The next request logs in again. */
  logout(): Promise<void> {
    return this.#transport.authorizer.logout();
  }

  /** Sends any operation of the OpenAPI document, typed by its `operationId`, as all other methods do. */
  request<Id extends OperationId>(id: Id, input: InputOf<Id>, options?: AllOptions): Promise<ResultOf<Id>> {
    return this.#transport.send(id, input, options);
  }
}
