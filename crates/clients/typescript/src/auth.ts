// The `Authorization` header: API keys, tokens, and logins that refresh themselves.

import type { Clock } from "./clock.js";
import { abortable } from "./clock.js";
import { HeadroomError } from "./errors.js";
import type { Token } from "./generated/schemas.js";
import type { Credentials } from "./options.js";
import type { Sender } from "./types.js";

/** @internal */
export interface Authorizer {
  /** The token to send, or undefined for none. */
  token(signal: AbortSignal | undefined): Promise<string | undefined>;
  /** The server refused this token. Whether the next one may be another. */
  isRenewable(refused: string): boolean;
  /** Ends the session, if there is one. */
  logout(): Promise<void>;
}

/** @internal */
export function authorizerOf(credentials: Credentials, sender: Sender, clock: Clock): Authorizer {
  if ("apiKey" in credentials && credentials.apiKey !== undefined) return new Fixed(credentials.apiKey);
  if ("token" in credentials && credentials.token !== undefined) {
    const { token } = credentials;
    return typeof token === "string" ? new Fixed(token) : new FromFunction(token);
  }
  if ("username" in credentials && credentials.username !== undefined) {
    return new Session(credentials.username, credentials.password, sender, clock);
  }
  return new Fixed(undefined);
}

class Fixed implements Authorizer {
  constructor(private readonly given: string | undefined) {}

  async token(): Promise<string | undefined> {
    return this.given;
  }

  isRenewable(): boolean {
    return false;
  }

  async logout(): Promise<void> {}
}

class FromFunction implements Authorizer {
  constructor(private readonly next: () => string | Promise<string>) {}

  token(signal: AbortSignal | undefined): Promise<string> {
    return abortable(Promise.resolve().then(this.next), signal);
  }

  isRenewable(): boolean {
    return true;
  }

  async logout(): Promise<void> {}
}

interface Tokens {
  readonly access: string;
  readonly refresh: string;
  /** The time from which on the access token is not sent any more. */
  readonly staleAt: number;
}

/** A login. Requests at the same time share one login or refresh. */
class Session implements Authorizer {
  #tokens: Tokens | undefined;
  #pending: Promise<Tokens> | undefined;
  readonly #username: string;
  readonly #password: string;

  constructor(
    username: string,
    password: string,
    private readonly sender: Sender,
    private readonly clock: Clock,
  ) {
    this.#username = username;
    this.#password = password;
  }

  async token(signal: AbortSignal | undefined): Promise<string> {
    if (this.#tokens && this.clock.now() < this.#tokens.staleAt) return this.#tokens.access;
    // No caller's signal aborts it: others may wait for it, too.
    this.#pending ??= this.#renew().finally(() => {
      this.#pending = undefined;
    });
    return (await abortable(this.#pending, signal)).access;
  }

  isRenewable(refused: string): boolean {
    if (this.#tokens?.access === refused) this.#tokens = { ...this.#tokens, staleAt: -Infinity };
    return true;
  }

  async logout(): Promise<void> {
    const refresh = this.#tokens?.refresh;
    this.#tokens = undefined;
    if (refresh !== undefined) await this.sender.send("revoke_token", { body: { refresh_token: refresh } });
  }

  async #renew(): Promise<Tokens> {
    const asked = this.clock.now();
    const token = await this.#request();
    const lifetime = token.expires_in * 1000;
    // Renewed a while before it expires, so that it is valid when it arrives.
    const staleAt = asked + lifetime - Math.min(30_000, lifetime / 10);
    this.#tokens = { access: token.access_token, refresh: token.refresh_token, staleAt };
    return this.#tokens;
  }

  async #request(): Promise<Token> {
    if (this.#tokens) {
      try {
        return await this.sender.send("refresh_token", { body: { refresh_token: this.#tokens.refresh } });
      } catch (error) {
        if (!(error instanceof HeadroomError)) throw error;
        // The session has ended, or the token may be used up: sent later, it would revoke the session. Everything else is
        // no reason to send the password again.
        if (error.status === 401 || error.isOutcomeUnknown) this.#tokens = undefined;
        if (error.status !== 401) throw error;
      }
    }
    return this.sender.send("create_token", { body: { username: this.#username, password: this.#password } });
  }
}
