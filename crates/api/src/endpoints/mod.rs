//! The endpoints, one file each: request, response, description, handler. A handler extracts, parses into the domain,
//! runs one use case through the store, and turns the answer into HTTP.

pub(crate) mod accounts;
pub(crate) mod api_keys;
pub(crate) mod bookings;
pub(crate) mod docs;
pub(crate) mod entitlements;
pub(crate) mod health;
pub(crate) mod jwks;
pub(crate) mod members;
pub(crate) mod overrides;
pub(crate) mod plans;
pub(crate) mod ready;
pub(crate) mod staff;
pub(crate) mod subscriptions;
pub(crate) mod token;
pub(crate) mod users;

use actix_web::web::ServiceConfig;

use crate::http::{delete, get, patch, post, put, resource};

/// Registers every route of the service.
pub fn routes(config: &mut ServiceConfig) {
    config
        .configure(bookings::routes)
        .configure(staff::routes)
        .service(resource("/accounts/{account_id}/subscribe", [post(subscriptions::subscribe::subscribe)]))
        .service(resource(
            "/accounts/{account_id}/subscribe/preview",
            [post(subscriptions::preview::preview_plan_change)],
        ))
        .service(resource("/accounts/{account_id}/unsubscribe", [post(subscriptions::unsubscribe::unsubscribe)]))
        .service(resource("/accounts/{account_id}/subscription", [get(subscriptions::find::find_subscription)]))
        .service(resource("/accounts/{account_id}/entitlements", [get(entitlements::list::list_entitlements)]))
        .service(resource("/accounts/{account_id}/check", [post(entitlements::check::check)]))
        .service(resource(
            "/accounts/{account_id}/overrides/{metric}",
            [put(overrides::put::put_override), delete(overrides::remove::remove_override)],
        ))
        .service(resource(
            "/accounts/{account_id}/subscription/scheduled-change",
            [delete(subscriptions::cancel::cancel_scheduled_change)],
        ))
        .service(resource(
            "/accounts/{account_id}/subscription/history",
            [get(subscriptions::history::list_subscription_changes)],
        ))
        .service(resource("/accounts/{account_id}/members", [get(members::list::list_members)]))
        .service(resource(
            "/accounts/{account_id}/members/{user_id}",
            [get(members::find::find_member), put(members::put::put_member), delete(members::remove::remove_member)],
        ))
        .service(resource("/accounts/{account_id}/transfer", [post(members::transfer::transfer_account)]))
        .service(resource("/accounts/{account_id}/audit", [get(accounts::audit::list_audit)]))
        .service(resource("/accounts/{account_id}/restore", [post(accounts::restore::restore_account)]))
        .service(resource(
            "/accounts/{account_id}",
            [
                get(accounts::find::find_account),
                patch(accounts::change::change_account),
                delete(accounts::remove::remove_account),
            ],
        ))
        .service(resource("/accounts", [get(accounts::list::list_accounts), post(accounts::open::open_account)]))
        .service(resource(
            "/users/me",
            [get(users::me::find_me), patch(users::rename::rename_me), delete(users::delete::delete_me)],
        ))
        .service(resource("/users/me/password", [post(users::password::change_password)]))
        .service(resource("/users", [post(users::register::register_user)]))
        .service(resource(
            "/api-keys/{api_key_id}",
            [get(api_keys::find::find_api_key), delete(api_keys::revoke::revoke_api_key)],
        ))
        .service(resource("/api-keys", [get(api_keys::list::list_api_keys), post(api_keys::create::create_api_key)]))
        .service(resource("/token/refresh", [post(token::refresh::refresh_token)]))
        .service(resource("/token/revoke", [post(token::revoke::revoke_token)]))
        .service(resource("/token", [post(token::create::create_token)]))
        .service(resource("/plans", [get(plans::list_plans)]))
        .service(resource("/.well-known/jwks.json", [get(jwks::list_public_keys)]))
        .service(resource("/health", [get(health::health)]))
        .service(resource("/readyz", [get(ready::ready)]))
        .configure(docs::routes);
}
