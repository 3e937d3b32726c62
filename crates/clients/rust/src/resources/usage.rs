//! Usage of counters.

use std::fmt;

use domain::{Date, Limit, Meter, Metric, Timestamp, UsageRecordId, UserId};
use serde::{Deserialize, Serialize};

use super::{AccountClient, account_path};
use crate::call::Call;
use crate::limits::TimeWindow;
use crate::pages::List;
use crate::request::Request;
use crate::wire;

/// Recorded usage.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct UsageRecord {
    /// The id; `None` if the catalogue keeps no records of the meter.
    pub id: Option<UsageRecordId>,
    /// What was used.
    pub meter: Meter,
    /// How much.
    pub quantity: u64,
    /// When it was used: it counts in the windows of this instant.
    pub at: Timestamp,
    /// When it was recorded.
    pub created_at: Timestamp,
    /// The user who recorded it.
    pub created_by: UserId,
}

/// Usage to record.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct NewUsage {
    /// What was used.
    pub meter: String,
    /// How much; 1 by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity: Option<u64>,
    /// When; now by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
}

impl NewUsage {
    /// This much of a meter, now.
    #[must_use]
    pub fn new(meter: impl ToString, quantity: u64) -> Self {
        Self { meter: meter.to_string(), quantity: Some(quantity), at: None }
    }

    /// The same at another instant.
    #[must_use]
    pub fn at(self, at: Timestamp) -> Self {
        Self { at: Some(at), ..self }
    }
}

/// Usage that was recorded as a whole, in the order of the request.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct UsageBatch {
    /// The records.
    pub items: Vec<UsageRecord>,
}

/// The usage of each window, the oldest first.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct UsageHistory {
    /// The windows.
    pub data: Vec<UsageInWindow>,
}

/// How much was used in a window.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct UsageInWindow {
    /// The counter.
    pub metric: Metric,
    /// The window; `None` for a counter that never resets.
    pub window: Option<TimeWindow>,
    /// How much was used.
    pub used: u64,
    /// The present limit.
    #[serde(with = "wire::limit")]
    pub limit: Limit,
}

/// Which windows a history of usage is about.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct HistoryQuery {
    /// The counter; all counters by default.
    pub metric: Option<String>,
    /// The history begins with the window that contains this; now by default.
    pub from: Option<Moment>,
    /// It ends with the window that contains this; now by default.
    pub to: Option<Moment>,
}

/// A day, of which the whole counts, or an instant.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Moment {
    /// A day in the account's time zone.
    Day(Date),
    /// An instant.
    At(Timestamp),
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day(day) => day.fmt(f),
            Self::At(at) => at.fmt(f),
        }
    }
}

/// The operations on the usage of an account.
#[derive(Clone, Debug)]
pub struct Usage(pub(super) AccountClient);

impl Usage {
    /// Records usage, if every metric of the meter has room for all of it.
    pub fn record(&self, new: &NewUsage) -> Request<UsageRecord> {
        Request::with_json(&self.0.transport, Call::post(account_path!(self.0, "usage")), new)
    }

    /// Records up to 20 items as a whole, or none of them.
    pub fn record_all(&self, items: &[NewUsage]) -> Request<UsageBatch> {
        let body = serde_json::json!({ "items": items });
        Request::with_json(&self.0.transport, Call::post(account_path!(self.0, "usage")), &body)
    }

    /// The records, the latest day first.
    pub fn list(&self) -> List<UsageRecord> {
        List::new(&self.0.transport, Call::get(account_path!(self.0, "usage")))
    }

    /// A record.
    pub fn find(&self, id: UsageRecordId) -> Request<UsageRecord> {
        Request::new(&self.0.transport, Call::get(account_path!(self.0, "usage", &id.to_string())))
    }

    /// Removes a record, and gives its quantity back in its windows.
    pub fn remove(&self, id: UsageRecordId) -> Request<()> {
        Request::new(&self.0.transport, Call::delete(account_path!(self.0, "usage", &id.to_string())))
    }

    /// The usage of each window of the query: at most 366.
    pub fn history(&self, query: &HistoryQuery) -> Request<UsageHistory> {
        let HistoryQuery { metric, from, to } = query;
        let [from, to] = [from, to].map(|bound| bound.as_ref().map(ToString::to_string));
        let parameters = [("metric", metric.clone()), ("from", from), ("to", to)];
        let call = Call::get(account_path!(self.0, "usage", "history"));
        let given = parameters.into_iter().filter_map(|(name, value)| Some((name, value?)));
        Request::new(&self.0.transport, given.fold(call, |call, (name, value)| call.with_query(name, value)))
    }
}

impl List<UsageRecord> {
    /// Of this meter.
    pub fn meter(self, meter: impl ToString) -> Self {
        self.with("meter", meter)
    }

    /// From this day on.
    pub fn from(self, day: Date) -> Self {
        self.with("from", day)
    }

    /// Up to and including this day.
    pub fn to(self, day: Date) -> Self {
        self.with("to", day)
    }
}
