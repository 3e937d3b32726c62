// Generated from docs/openapi.json by `npm run generate`. Do not edit.

import type { operations } from "./openapi.js";

export interface Operation {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  /** It needs no credentials. */
  readonly isPublic?: boolean;
  /** It takes the header. */
  readonly idempotencyKey?: boolean;
  /** It takes the header. */
  readonly ifMatch?: boolean;
  /** It takes the header. */
  readonly ifNoneMatch?: boolean;
  /** It takes the parameter. */
  readonly dryRun?: boolean;
}

export const OPERATIONS: { readonly [Id in keyof operations]: Operation } = {
  add_staff_member: { method: "POST", path: "/accounts/{account_id}/staff", idempotencyKey: true, dryRun: true },
  cancel_scheduled_change: { method: "DELETE", path: "/accounts/{account_id}/subscription/scheduled-change", ifMatch: true },
  change_account: { method: "PATCH", path: "/accounts/{account_id}", ifMatch: true, dryRun: true },
  change_booking: { method: "PATCH", path: "/accounts/{account_id}/bookings/{booking_id}", ifMatch: true },
  change_me: { method: "PATCH", path: "/users/me", ifMatch: true },
  change_password: { method: "POST", path: "/users/me/password", idempotencyKey: true },
  change_staff_member: { method: "PATCH", path: "/accounts/{account_id}/staff/{staff_id}", ifMatch: true },
  check: { method: "POST", path: "/accounts/{account_id}/check" },
  confirm_hold: { method: "POST", path: "/accounts/{account_id}/holds/{hold_id}/confirm", idempotencyKey: true, ifMatch: true, dryRun: true },
  create_api_key: { method: "POST", path: "/api-keys", idempotencyKey: true },
  create_booking: { method: "POST", path: "/accounts/{account_id}/bookings", idempotencyKey: true, dryRun: true },
  create_grant: { method: "POST", path: "/accounts/{account_id}/grants", idempotencyKey: true, dryRun: true },
  create_hold: { method: "POST", path: "/accounts/{account_id}/holds", idempotencyKey: true, dryRun: true },
  create_token: { method: "POST", path: "/token", isPublic: true },
  create_usage: { method: "POST", path: "/accounts/{account_id}/usage", idempotencyKey: true, dryRun: true },
  delete_me: { method: "DELETE", path: "/users/me", ifMatch: true },
  erase_account: { method: "POST", path: "/accounts/{account_id}/erase", idempotencyKey: true, dryRun: true },
  erase_user: { method: "POST", path: "/users/{user_id}/erase", idempotencyKey: true, dryRun: true },
  extend_hold: { method: "POST", path: "/accounts/{account_id}/holds/{hold_id}/extend", idempotencyKey: true, ifMatch: true, dryRun: true },
  find_account: { method: "GET", path: "/accounts/{account_id}", ifMatch: true, ifNoneMatch: true },
  find_allocation: { method: "GET", path: "/accounts/{account_id}/allocations/{meter}/{key}" },
  find_api_key: { method: "GET", path: "/api-keys/{api_key_id}", ifMatch: true, ifNoneMatch: true },
  find_booking: { method: "GET", path: "/accounts/{account_id}/bookings/{booking_id}", ifMatch: true, ifNoneMatch: true },
  find_grant: { method: "GET", path: "/accounts/{account_id}/grants/{grant_id}", ifMatch: true, ifNoneMatch: true },
  find_hold: { method: "GET", path: "/accounts/{account_id}/holds/{hold_id}", ifMatch: true, ifNoneMatch: true },
  find_me: { method: "GET", path: "/users/me", ifMatch: true, ifNoneMatch: true },
  find_member: { method: "GET", path: "/accounts/{account_id}/members/{user_id}", ifMatch: true, ifNoneMatch: true },
  find_staff_member: { method: "GET", path: "/accounts/{account_id}/staff/{staff_id}", ifMatch: true, ifNoneMatch: true },
  find_subscription: { method: "GET", path: "/accounts/{account_id}/subscription", ifMatch: true, ifNoneMatch: true },
  find_usage: { method: "GET", path: "/accounts/{account_id}/usage/{use_id}" },
  health: { method: "GET", path: "/health", isPublic: true },
  list_accounts: { method: "GET", path: "/accounts" },
  list_allocations: { method: "GET", path: "/accounts/{account_id}/allocations/{meter}" },
  list_api_keys: { method: "GET", path: "/api-keys" },
  list_audit: { method: "GET", path: "/accounts/{account_id}/audit" },
  list_bookings: { method: "GET", path: "/accounts/{account_id}/bookings" },
  list_entitlements: { method: "GET", path: "/accounts/{account_id}/entitlements", ifMatch: true, ifNoneMatch: true },
  list_grants: { method: "GET", path: "/accounts/{account_id}/grants" },
  list_holds: { method: "GET", path: "/accounts/{account_id}/holds" },
  list_members: { method: "GET", path: "/accounts/{account_id}/members" },
  list_near_limits: { method: "GET", path: "/near-limits" },
  list_overrides: { method: "GET", path: "/accounts/{account_id}/overrides" },
  list_plans: { method: "GET", path: "/plans", isPublic: true },
  list_public_keys: { method: "GET", path: "/.well-known/jwks.json", isPublic: true },
  list_staff: { method: "GET", path: "/accounts/{account_id}/staff" },
  list_subscription_changes: { method: "GET", path: "/accounts/{account_id}/subscription/history" },
  list_usage: { method: "GET", path: "/accounts/{account_id}/usage" },
  list_usage_history: { method: "GET", path: "/accounts/{account_id}/usage/history" },
  open_account: { method: "POST", path: "/accounts", idempotencyKey: true, dryRun: true },
  preview_plan_change: { method: "POST", path: "/accounts/{account_id}/subscribe/preview" },
  put_allocation: { method: "PUT", path: "/accounts/{account_id}/allocations/{meter}/{key}" },
  put_member: { method: "PUT", path: "/accounts/{account_id}/members/{user_id}", ifMatch: true },
  put_override: { method: "PUT", path: "/accounts/{account_id}/overrides/{metric}", ifMatch: true, dryRun: true },
  ready: { method: "GET", path: "/readyz", isPublic: true },
  refresh_token: { method: "POST", path: "/token/refresh", isPublic: true },
  register_user: { method: "POST", path: "/users", isPublic: true, idempotencyKey: true },
  release_hold: { method: "POST", path: "/accounts/{account_id}/holds/{hold_id}/release", idempotencyKey: true, ifMatch: true, dryRun: true },
  reload_plans: { method: "POST", path: "/plans/reload", idempotencyKey: true },
  remove_account: { method: "DELETE", path: "/accounts/{account_id}", ifMatch: true },
  remove_allocation: { method: "DELETE", path: "/accounts/{account_id}/allocations/{meter}/{key}" },
  remove_booking: { method: "DELETE", path: "/accounts/{account_id}/bookings/{booking_id}", ifMatch: true },
  remove_grant: { method: "DELETE", path: "/accounts/{account_id}/grants/{grant_id}", ifMatch: true, dryRun: true },
  remove_member: { method: "DELETE", path: "/accounts/{account_id}/members/{user_id}", ifMatch: true },
  remove_override: { method: "DELETE", path: "/accounts/{account_id}/overrides/{metric}", ifMatch: true, dryRun: true },
  remove_staff_member: { method: "DELETE", path: "/accounts/{account_id}/staff/{staff_id}", ifMatch: true },
  remove_usage: { method: "DELETE", path: "/accounts/{account_id}/usage/{use_id}" },
  replace_allocations: { method: "PUT", path: "/accounts/{account_id}/allocations/{meter}", dryRun: true },
  restore_account: { method: "POST", path: "/accounts/{account_id}/restore", idempotencyKey: true, ifMatch: true },
  restore_booking: { method: "POST", path: "/accounts/{account_id}/bookings/{booking_id}/restore", idempotencyKey: true, ifMatch: true },
  restore_staff_member: { method: "POST", path: "/accounts/{account_id}/staff/{staff_id}/restore", idempotencyKey: true, ifMatch: true },
  revoke_api_key: { method: "DELETE", path: "/api-keys/{api_key_id}", ifMatch: true },
  revoke_token: { method: "POST", path: "/token/revoke", isPublic: true },
  subscribe: { method: "POST", path: "/accounts/{account_id}/subscribe", idempotencyKey: true, ifMatch: true, dryRun: true },
  transfer_account: { method: "POST", path: "/accounts/{account_id}/transfer", idempotencyKey: true, ifMatch: true },
  unsubscribe: { method: "POST", path: "/accounts/{account_id}/unsubscribe", idempotencyKey: true, ifMatch: true },
};
