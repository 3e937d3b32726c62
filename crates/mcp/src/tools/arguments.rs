//! Arguments that several tools have.

use std::fmt::Display;
use std::str::FromStr;

use headroom_client::domain::{AccountId, Date, ExternalId, Timestamp, parse_day};
use headroom_client::{AccountClient, Client, Moment, Request};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::failure::Failure;

/// The account: its id (acct_…), or its `external_id`, which is the id in your own system. Not its
/// name.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(transparent)]
pub(super) struct AccountArgument(String);

impl AccountArgument {
    /// The account. An external id is looked up, which writes nothing.
    pub(super) async fn resolve(&self, client: &Client) -> Result<AccountClient, Failure> {
        if let Ok(id) = self.0.parse::<AccountId>() {
            return Ok(client.account(id));
        }
        let found = match self.0.parse::<ExternalId>() {
            Ok(_) => {
                let found = client.accounts().find_by_external_id(&self.0).await;
                found.map_err(|error| Failure::from(error).of_read())?
            }
            Err(_) => None,
        };
        let unknown = || {
            let detail = format!(
                "No account has the id or the external_id {:?}. To find one by name, list_accounts has search.",
                self.0
            );
            Failure::new("not_found", &detail)
        };
        found.map(|account| client.account(account.id)).ok_or_else(unknown)
    }
}

/// How a write is carried out.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub(super) struct Execution {
    /// true: only say what would happen, and write nothing. Do this first, and show the result to
    /// the user.
    #[serde(default)]
    pub(super) dry_run: bool,
    /// Leave it out for a new request: the result, or the failure, has the key that was generated.
    /// To repeat a call whose outcome is unknown, give that key with the same arguments: the two
    /// calls have one effect.
    pub(super) idempotency_key: Option<String>,
}

impl Execution {
    /// The request as a dry run if it is one, or else with the key, if one is given.
    pub(super) fn apply<T>(&self, request: Request<T>) -> Request<T> {
        match &self.idempotency_key {
            _ if self.dry_run => request.dry_run(),
            Some(key) => request.idempotency_key(key),
            None => request,
        }
    }
}

/// A page of a list.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub(super) struct PageArguments {
    /// The number of items at most, 1 to 100. Default: 20. A page may have fewer although others follow.
    #[schemars(range(min = 1, max = 100))]
    pub(super) limit: Option<u8>,
    /// The `next_cursor` of the page before: null there means that it was the last one.
    pub(super) cursor: Option<String>,
}

/// An argument in its text form. `expected` describes its values.
pub(super) fn parse<T: FromStr>(name: &str, text: &str, expected: &str) -> Result<T, Failure> {
    text.parse().map_err(|_| invalid(name, expected))
}

/// An optional argument in its text form.
pub(super) fn optional<T: FromStr>(name: &str, text: Option<&str>, expected: &str) -> Result<Option<T>, Failure> {
    text.map(|text| parse(name, text, expected)).transpose()
}

/// An optional instant.
pub(super) fn instant(name: &str, text: Option<&str>) -> Result<Option<Timestamp>, Failure> {
    optional(name, text, "a time such as 2026-03-29T10:00:00Z")
}

/// An optional day.
pub(super) fn day(name: &str, text: Option<&str>) -> Result<Option<Date>, Failure> {
    text.map(|text| parse_day(text).map_err(|_| invalid(name, "a day such as 2026-03-29"))).transpose()
}

/// An optional day or instant.
pub(super) fn moment(name: &str, text: Option<&str>) -> Result<Option<Moment>, Failure> {
    let Some(text) = text else { return Ok(None) };
    let day = parse_day(text).map(Moment::Day).ok();
    let moment = day.or_else(|| text.parse().map(Moment::At).ok());
    let expected = "a day such as 2026-03-29, or a time such as 2026-03-29T10:00:00Z";
    moment.map(Some).ok_or_else(|| invalid(name, expected))
}

fn invalid(name: &str, expected: impl Display) -> Failure {
    Failure::new("invalid_arguments", &format!("The argument {name} is {expected}."))
}
