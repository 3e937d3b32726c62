// What is not in an account: accounts themselves, users, API keys, plans.

import type {
  Account,
  ApiKey,
  CreatedApiKey,
  Erasure,
  NearLimits,
  NewAccount,
  NewApiKey,
  NewUser,
  PasswordChange,
  PlanList,
  User,
  UserChange,
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

/** All accounts. One of them is `headroom.account(id)`. */
export class Accounts {
  /** @internal */
  constructor(private readonly sender: Sender) {}

  /** Opens an account. */
  create(account: NewAccount, options?: PostOptions & DryRunOptions): Promise<Account> {
    return this.sender.send("open_account", { body: account }, options);
  }

  /** Lists your accounts, the newest first. */
  list(filters: FiltersOf<"list_accounts"> = {}, options?: RequestOptions): List<Account> {
    return listOf(filters, (query) => this.sender.send("list_accounts", { query }, options));
  }

  /** Finds the account with an id of your own system. */
  findByExternalId(external_id: string, options?: RequestOptions): Promise<Account | undefined> {
    return this.list({ external_id }, options).first();
  }

  /** Lists the accounts near a limit, or over it, with the metrics of which that is so. For operators. */
  nearLimits(filters: FiltersOf<"list_near_limits"> = {}, options?: RequestOptions): List<NearLimits> {
    return listOf(filters, (query) => this.sender.send("list_near_limits", { query }, options));
  }
}

/** Users: yourself, and the registration of others. */
export class Users {
  /** @internal */
  constructor(private readonly sender: Sender) {}

  /** Registers a user, if registration is open. It needs no credentials. */
  register(user: NewUser, options?: PostOptions): Promise<User> {
    return this.sender.send("register_user", { body: user }, options);
  }

  /** Gets yourself. */
  me(options?: GetOptions<User>): Promise<User> {
    return this.sender.send("find_me", {}, options);
  }

  /** Changes your username. */
  updateMe(change: UserChange, options?: RequestOptions & IfMatchOptions): Promise<User> {
    return this.sender.send("change_me", { body: change }, options);
  }

  /** Changes your password. It ends all your sessions. */
  changePassword(change: PasswordChange, options?: PostOptions): Promise<void> {
    return this.sender.send("change_password", { body: change }, options);
  }

  /** Deletes yourself. */
  deleteMe(options?: RequestOptions & IfMatchOptions): Promise<void> {
    return this.sender.send("delete_me", {}, options);
  }

  /** Removes the personal data of a user, by id or username, permanently. For operators. */
  erase(user: string, options?: PostOptions & DryRunOptions): Promise<Erasure> {
    return this.sender.send("erase_user", { path: { user_id: user } }, options);
  }
}

/** Your API keys. They need a login: a key cannot create keys. */
export class ApiKeys {
  /** @internal */
  constructor(private readonly sender: Sender) {}

  /** Creates an API key. Its `secret` is in this one response. */
  create(key: NewApiKey, options?: PostOptions): Promise<CreatedApiKey> {
    return this.sender.send("create_api_key", { body: key }, options);
  }

  /** Lists your API keys. */
  list(filters: FiltersOf<"list_api_keys"> = {}, options?: RequestOptions): List<ApiKey> {
    return listOf(filters, (query) => this.sender.send("list_api_keys", { query }, options));
  }

  /** Gets an API key. */
  get(id: string, options?: GetOptions<ApiKey>): Promise<ApiKey> {
    return this.sender.send("find_api_key", { path: { api_key_id: id } }, options);
  }

  /** Revokes an API key. */
  revoke(id: string, options?: RequestOptions & IfMatchOptions): Promise<void> {
    return this.sender.send("revoke_api_key", { path: { api_key_id: id } }, options);
  }
}

/** The catalogue. */
export class Plans {
  /** @internal */
  constructor(private readonly sender: Sender) {}

  /** Gets the plans on offer, each an upgrade of those before it, and the metrics and features of the catalogue. */
  list(options?: RequestOptions): Promise<PlanList> {
    return this.sender.send("list_plans", {}, options);
  }

  /** Loads the file of the plans again. For operators. */
  reload(options?: PostOptions): Promise<PlanList> {
    return this.sender.send("reload_plans", {}, options);
  }
}
