//! A request before it is sent: its method, path, query, body and headers.

use std::fmt;
use std::time::Duration;

use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, IF_MATCH};
use serde::Serialize;

use crate::error::Error;

pub(crate) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// For how long the service answers a used refresh token with the same successor.
const REFRESH_REPEATABLE_FOR: Duration = Duration::from_secs(30);

/// What happens if a request is sent twice.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Repetition {
    /// The same, because nothing is written, or because the effect is that of one.
    Harmless,
    /// The same, because of the idempotency key that it carries.
    Keyed,
    /// The same within [`REFRESH_REPEATABLE_FOR`]. Later the service takes the refresh token for a
    /// stolen one, and revokes the session.
    Refresh,
    /// A refusal, although the first was carried out: that ends the credential of the second.
    Refused,
}

/// A request.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) segments: Vec<String>,
    pub(crate) query: Vec<(&'static str, String)>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<Vec<u8>>,
    repetition: Repetition,
}

/// Without the body, which may contain a password.
impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { method, segments, query, headers, .. } = self;
        f.debug_tuple("Call").field(method).field(segments).field(query).field(headers).finish()
    }
}

impl Call {
    fn new(method: Method, path: &[&str], repetition: Repetition) -> Self {
        let segments = path.iter().map(|&segment| segment.to_owned()).collect();
        Self { method, segments, query: Vec::new(), headers: HeaderMap::new(), body: None, repetition }
    }

    pub(crate) fn get(path: &[&str]) -> Self {
        Self::new(Method::GET, path, Repetition::Harmless)
    }

    pub(crate) fn put(path: &[&str]) -> Self {
        Self::new(Method::PUT, path, Repetition::Harmless)
    }

    pub(crate) fn patch(path: &[&str]) -> Self {
        Self::new(Method::PATCH, path, Repetition::Harmless)
    }

    pub(crate) fn delete(path: &[&str]) -> Self {
        Self::new(Method::DELETE, path, Repetition::Harmless)
    }

    /// A `POST` that gets an idempotency key.
    pub(crate) fn post(path: &[&str]) -> Self {
        Self::new(Method::POST, path, Repetition::Keyed)
    }

    /// A `POST` that takes no idempotency key and needs none.
    pub(crate) fn post_without_key(path: &[&str]) -> Self {
        Self::new(Method::POST, path, Repetition::Harmless)
    }

    /// The request, which ends the credential that it is sent with.
    pub(crate) fn that_ends_its_credential(mut self) -> Self {
        self.repetition = Repetition::Refused;
        self
    }

    /// The request, which uses a refresh token.
    pub(crate) fn that_refreshes(mut self) -> Self {
        self.repetition = Repetition::Refresh;
        self
    }

    pub(crate) fn with_query(mut self, name: &'static str, value: impl ToString) -> Self {
        self.query.retain(|(its, _)| *its != name);
        self.query.push((name, value.to_string()));
        self
    }

    pub(crate) fn with_json(mut self, body: &impl Serialize) -> Result<Self, Error> {
        let body = serde_json::to_vec(body).map_err(|error| Error::Unsendable(error.to_string()))?;
        self.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        self.body = Some(body);
        Ok(self)
    }

    pub(crate) fn with_header(mut self, name: HeaderName, value: &str) -> Result<Self, Error> {
        let faulty = |_| Error::Unsendable(format!("{name} takes visible characters only, not {value:?}"));
        let value = HeaderValue::from_str(value).map_err(faulty)?;
        self.headers.insert(name, value);
        Ok(self)
    }

    /// Gives a `POST` an idempotency key, unless it has one.
    pub(crate) fn with_generated_key(self) -> Result<Self, Error> {
        if self.repetition != Repetition::Keyed || self.headers.contains_key(IDEMPOTENCY_KEY) {
            return Ok(self);
        }
        self.with_header(IDEMPOTENCY_KEY, &new_idempotency_key()?)
    }

    /// The time within which repetitions have to arrive, if it is limited.
    pub(crate) fn repeatable_for(&self) -> Option<Duration> {
        (self.repetition == Repetition::Refresh).then_some(REFRESH_REPEATABLE_FOR)
    }

    /// Whether it can be sent again if its outcome is unknown. With `If-Match`, a change that was
    /// carried out would be refused the second time, unless an idempotency key says that it is the
    /// same request.
    pub(crate) fn is_repeatable(&self) -> bool {
        match self.repetition {
            Repetition::Keyed => self.headers.contains_key(IDEMPOTENCY_KEY),
            Repetition::Refresh => true,
            Repetition::Refused => false,
            Repetition::Harmless => {
                let writes = [Method::PUT, Method::PATCH].contains(&self.method);
                !writes || !self.headers.contains_key(IF_MATCH)
            }
        }
    }
}

/// A new idempotency key: 128 random bits. Generate one for [`Request::idempotency_key`] to know it
/// before the request is sent; every `POST` gets one of its own otherwise.
///
/// [`Request::idempotency_key`]: crate::Request::idempotency_key
///
/// # Errors
/// [`Error::Unsendable`] if the system has no random numbers.
pub fn new_idempotency_key() -> Result<String, Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| Error::Unsendable(format!("no random numbers: {error}")))?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_post_gets_a_key_of_its_own_unless_it_has_one() {
        let key = |call: Call| {
            let call = call.with_generated_key().unwrap();
            call.headers.get(IDEMPOTENCY_KEY).map(|key| key.to_str().unwrap().to_owned())
        };
        let (one, other) = (key(Call::post(&["accounts"])), key(Call::post(&["accounts"])));
        assert!(one.as_ref().is_some_and(|key| key.len() == 32) && one != other, "{one:?} {other:?}");
        let own = Call::post(&["accounts"]).with_header(IDEMPOTENCY_KEY, "open-4711").unwrap();
        assert_eq!(key(own).as_deref(), Some("open-4711"));
        assert_eq!(key(Call::post_without_key(&["token"])), None);
        assert_eq!(key(Call::get(&["accounts"])), None);
    }

    #[test]
    fn a_conditional_change_of_unknown_outcome_is_not_repeated() {
        let with_condition = |call: Call| call.with_header(IF_MATCH, "\"1\"").unwrap();
        for (call, plain, conditional) in [
            (Call::get(&["plans"]), true, true),
            (Call::put(&["plans"]), true, false),
            (Call::patch(&["plans"]), true, false),
            (Call::delete(&["plans"]), true, true),
            (Call::post(&["plans"]).with_generated_key().unwrap(), true, true),
            (Call::post(&["plans"]), false, false),
            (Call::delete(&["users", "me"]).that_ends_its_credential(), false, false),
        ] {
            assert_eq!(call.is_repeatable(), plain, "{call:?}");
            assert_eq!(with_condition(call.clone()).is_repeatable(), conditional, "{call:?}");
        }
    }

    #[test]
    fn a_header_takes_visible_characters_only() {
        let refused = Call::post(&["accounts"]).with_header(IDEMPOTENCY_KEY, "a\nb");
        assert!(matches!(refused, Err(Error::Unsendable(_))), "{refused:?}");
    }
}
