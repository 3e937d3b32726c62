//! Queries: unknown and repeated parameters are refused.

use std::future::{Ready, ready};
use std::str::FromStr;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use domain::Date;

use super::unread::Unread;
use crate::problem::{Code, Problem};

/// A request's query, or its fault. As with a body, a handler parses it after the permission is
/// checked.
#[derive(Debug)]
pub(crate) struct Query(Result<Parameters, Problem>);

/// The parameters that are not yet read, and the names that a handler knows.
#[derive(Debug, Default)]
pub(crate) struct Parameters {
    sent: Vec<(String, String)>,
    known: Vec<&'static str>,
}

impl FromRequest for Query {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        Unread::note_query_read(request);
        let sent = serde_urlencoded::from_str(request.query_string());
        let parameters = sent.map(|sent| Parameters { sent, known: Vec::new() });
        ready(Ok(Self(parameters.map_err(|_| faulty("The query is not URL-encoded.")))))
    }
}

impl Query {
    /// Returns the result of `read`, which must read all parameters.
    pub(crate) fn parse<T>(self, read: impl FnOnce(&mut Parameters) -> Result<T, Problem>) -> Result<T, Problem> {
        let mut parameters = self.0?;
        let value = read(&mut parameters)?;
        let Parameters { sent, known } = parameters;
        if sent.is_empty() {
            return Ok(value);
        }
        let unknown: Vec<String> = sent.into_iter().map(|(name, _)| name).collect();
        Err(Problem::unknown_parameters(&unknown, &known))
    }
}

impl Parameters {
    /// Removes and returns the parameter, if it was sent.
    pub(crate) fn take(&mut self, name: &'static str) -> Result<Option<String>, Problem> {
        self.known.push(name);
        let mut values = self.sent.extract_if(.., |(its, _)| its == name).map(|(_, value)| value);
        match (values.next(), values.next()) {
            (value, None) => Ok(value),
            (_, Some(_)) => Err(faulty(format!("The parameter {name} is given twice."))),
        }
    }

    /// Removes and parses a parameter. `expected` describes its values, such as "a day".
    pub(crate) fn parse<T: FromStr>(&mut self, name: &'static str, expected: &str) -> Result<Option<T>, Problem> {
        let wrong = |_| faulty(format!("The parameter {name} is {expected}."));
        self.take(name)?.map(|value| value.parse().map_err(wrong)).transpose()
    }

    /// Removes and parses a parameter that is `true` or `false`; the default is false.
    pub(crate) fn flag(&mut self, name: &'static str) -> Result<bool, Problem> {
        Ok(self.parse(name, "true or false")?.unwrap_or(false))
    }

    /// Removes and parses a parameter that is a day in the form `YYYY-MM-DD`.
    pub(crate) fn day(&mut self, name: &'static str) -> Result<Option<Date>, Problem> {
        let Some(text) = self.take(name)? else { return Ok(None) };
        let day = text.parse::<Date>().ok().filter(|day| day.to_string() == text);
        day.map(Some).ok_or_else(|| faulty(format!("The parameter {name} is a day such as 2026-03-29.")))
    }

    /// The remaining parameters as a query, sorted by name.
    pub(crate) fn canonical(&self) -> String {
        let mut pairs = self.sent.clone();
        pairs.sort();
        serde_urlencoded::to_string(pairs).unwrap_or_default()
    }
}

/// A refusal of a query.
pub(crate) fn faulty(detail: impl Into<String>) -> Problem {
    Problem::new(Code::InvalidParameter).with_detail(detail.into())
}
