//! The endpoints, one file each: request, response, description, handler. A handler extracts, parses into the domain,
//! runs one use case through the store, and turns the answer into HTTP.

pub(crate) mod accounts;
pub(crate) mod bookings;
pub(crate) mod docs;
pub(crate) mod health;
pub(crate) mod plans;
pub(crate) mod staff;
pub(crate) mod token;

use actix_web::web::ServiceConfig;

use crate::http::{get, post, resource};

/// Registers every route of the service.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/accounts/{account_id}/bookings", [post(bookings::create::create_booking)]))
        .service(resource("/accounts/{account_id}/bookings/{booking_id}", [get(bookings::find::find_booking)]))
        .service(resource("/accounts/{account_id}/staff", [post(staff::add::add_staff_member)]))
        .service(resource("/accounts/{account_id}/staff/{staff_id}", [get(staff::find::find_staff_member)]))
        .service(resource("/accounts/{account_id}/subscribe", [post(accounts::subscribe::subscribe)]))
        .service(resource("/accounts/{account_id}/subscription", [get(accounts::subscription::find_subscription)]))
        .service(resource("/accounts/{account_id}", [get(accounts::find::find_account)]))
        .service(resource("/accounts", [post(accounts::open::open_account)]))
        .service(resource("/token", [post(token::create_token)]))
        .service(resource("/plans", [get(plans::list_plans)]))
        .service(resource("/health", [get(health::health)]))
        .configure(docs::routes);
}
