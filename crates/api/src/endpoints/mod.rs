//! The endpoints, one file each: request, response, description, handler. A handler extracts, parses into the domain,
//! runs one use case through the store, and turns the answer into HTTP.

pub(crate) mod accounts;
pub(crate) mod api_keys;
pub(crate) mod bookings;
pub(crate) mod docs;
pub(crate) mod health;
pub(crate) mod jwks;
pub(crate) mod members;
pub(crate) mod plans;
pub(crate) mod staff;
pub(crate) mod token;
pub(crate) mod users;

use actix_web::web::ServiceConfig;

use crate::http::{delete, get, patch, post, put, resource};

/// Registers every route of the service.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/accounts/{account_id}/bookings", [post(bookings::create::create_booking)]))
        .service(resource("/accounts/{account_id}/bookings/{booking_id}", [get(bookings::find::find_booking)]))
        .service(resource("/accounts/{account_id}/staff", [post(staff::add::add_staff_member)]))
        .service(resource("/accounts/{account_id}/staff/{staff_id}", [get(staff::find::find_staff_member)]))
        .service(resource("/accounts/{account_id}/subscribe", [post(accounts::subscribe::subscribe)]))
        .service(resource("/accounts/{account_id}/subscription", [get(accounts::subscription::find_subscription)]))
        .service(resource("/accounts/{account_id}/members", [get(members::list::list_members)]))
        .service(resource(
            "/accounts/{account_id}/members/{user_id}",
            [get(members::find::find_member), put(members::put::put_member), delete(members::remove::remove_member)],
        ))
        .service(resource("/accounts/{account_id}/transfer", [post(members::transfer::transfer_account)]))
        .service(resource("/accounts/{account_id}/audit", [get(accounts::audit::list_audit)]))
        .service(resource("/accounts/{account_id}", [get(accounts::find::find_account)]))
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
        .configure(docs::routes);
}
