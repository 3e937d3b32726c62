//! Refuses requests with a query or a condition that the handler does not read.
//!
//! A client that sends `?dry_run=true` or `If-Match` relies on it. So each is refused, unless the
//! handler names an extractor that reads it.

use std::cell::Cell;
use std::future::{Ready, ready};
use std::rc::Rc;

use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::http::header::{IF_MATCH, IF_NONE_MATCH};
use actix_web::{FromRequest, HttpMessage, HttpRequest};

use crate::problem::{Code, Problem};

/// The parts of a request that no extractor has read so far.
#[derive(Debug)]
pub(crate) struct Unread {
    query: Cell<bool>,
    if_match: Cell<bool>,
    if_none_match: Cell<bool>,
}

impl Unread {
    /// The unread parts of a request, shared by all extractors; `None` if it has no such parts.
    pub(crate) fn of(request: &HttpRequest) -> Option<Rc<Self>> {
        let headers = request.headers();
        let has_query = !request.query_string().is_empty();
        let has_if_match = headers.contains_key(IF_MATCH);
        // Ignoring it on GET is harmless: the response is complete.
        let is_change = ![Method::GET, Method::HEAD].contains(request.method());
        let has_if_none_match = is_change && headers.contains_key(IF_NONE_MATCH);
        if !has_query && !has_if_match && !has_if_none_match {
            return None;
        }
        let mut extensions = request.extensions_mut();
        if !extensions.contains::<Rc<Self>>() {
            let [query, if_match, if_none_match] = [has_query, has_if_match, has_if_none_match].map(Cell::new);
            extensions.insert(Rc::new(Self { query, if_match, if_none_match }));
        }
        extensions.get().cloned()
    }

    /// Marks the query as read.
    pub(super) fn note_query_read(request: &HttpRequest) {
        if let Some(unread) = Self::of(request) {
            unread.query.set(false);
        }
    }

    /// Marks `If-Match` as read.
    pub(super) fn note_if_match_read(request: &HttpRequest) {
        if let Some(unread) = Self::of(request) {
            unread.if_match.set(false);
        }
    }

    /// The refusal of a request with a part that its handler does not read.
    pub(crate) fn refusal(&self) -> Option<Problem> {
        let detail = if self.query.get() {
            "There are no parameters here. Leave the query out."
        } else if self.if_match.get() {
            "There is nothing here that has an ETag. Leave If-Match out."
        } else if self.if_none_match.get() {
            "If-None-Match is for GET and HEAD. Leave it out."
        } else {
            return None;
        };
        Some(Problem::new(Code::InvalidParameter).with_detail(detail))
    }
}

/// A request without a query and without conditions, for handlers without a caller. (`Caller` makes
/// the same check.)
pub(crate) struct NoQueryOrConditions;

impl FromRequest for NoQueryOrConditions {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let refusal = Unread::of(request).and_then(|unread| unread.refusal());
        ready(refusal.map_or(Ok(Self), Err))
    }
}
