//! Lists in pages, the newest first. A page begins where the previous one ended, even if items are
//! added meanwhile.
//!
//! A cursor is the last id of a page and a seal over it and its list. A modified cursor, or one of
//! another list, is refused.

use std::fmt::Display;
use std::future::{Ready, ready};
use std::str::FromStr;

use actix_web::dev::Payload;
use actix_web::http::header::LINK;
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use domain::ports;
use serde::Serialize;

use super::{Caller, Permission};
use crate::AppState;
use crate::http::{Parameters, Query, faulty, json};
use crate::problem::{Code, Problem};

/// The default number of items in a page.
const LIMIT_DEFAULT: usize = 20;
/// The maximum number of items in a page.
const LIMIT_MAX: usize = 100;

/// `?limit=`, `?cursor=` and the filters of a list. A handler parses it after the permission is
/// checked.
pub(crate) struct PageQuery {
    path: String,
    query: Query,
}

impl FromRequest for PageQuery {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let path = request.path().to_owned();
        ready(Query::from_request(request, payload).into_inner().map(|query| Self { path, query }))
    }
}

/// The requested page of a list of items whose ids are `I`.
pub(crate) struct PageRequest<I> {
    path: String,
    /// The list and its filter, which the cursor is sealed with.
    list: String,
    filter: String,
    limit: usize,
    /// The last item of the previous page.
    pub(crate) after: Option<I>,
}

impl PageQuery {
    /// The page of `list`, which names the list and its owner. A missing permission is reported
    /// before any fault.
    pub(crate) async fn of<I: FromStr, P: Permission>(
        self,
        list: String,
        caller: &Caller<P>,
        target: P::Target,
        state: &AppState,
    ) -> Result<PageRequest<I>, Problem> {
        Ok(self.filtered(list, caller, target, state, |_| Ok(())).await?.0)
    }

    /// The page and the filter, which `filter` reads from the parameters.
    pub(crate) async fn filtered<I: FromStr, P: Permission, F>(
        self,
        list: String,
        caller: &Caller<P>,
        target: P::Target,
        state: &AppState,
        filter: impl FnOnce(&mut Parameters) -> Result<F, Problem>,
    ) -> Result<(PageRequest<I>, F), Problem> {
        let Self { path, query } = self;
        let read = |parameters: &mut Parameters| {
            let cursor = parameters.take("cursor")?;
            let limit = parameters.take("limit")?.map(|limit| limit.parse().ok());
            let limit = limit.unwrap_or(Some(LIMIT_DEFAULT)).filter(|limit| (1..=LIMIT_MAX).contains(limit));
            let limit = limit.ok_or_else(|| faulty(format!("The limit is a number from 1 to {LIMIT_MAX}.")))?;
            let mut page = PageRequest { path, list, filter: parameters.canonical(), limit, after: None };
            let filter = filter(parameters)?;
            if let Some(cursor) = cursor {
                page.after = Some(page.open(&cursor, state)?);
            }
            Ok((page, filter))
        };
        query.parse_for(caller, target, state, read).await
    }
}

/// A list, or a part of it.
#[derive(Serialize)]
struct ListBody<T> {
    data: Vec<T>,
    next_cursor: Option<String>,
}

impl<I> PageRequest<I> {
    /// The text that the seal of a cursor after this id covers.
    fn sealed(&self, id: &str) -> String {
        format!("{}?{} {id}", self.list, self.filter)
    }

    /// How many items to read: one more than in the page, to know whether it is the last.
    pub(crate) const fn read_max(&self) -> usize {
        self.limit + 1
    }
}

impl<I: FromStr> PageRequest<I> {
    fn open(&self, cursor: &str, state: &AppState) -> Result<I, Problem> {
        let opened = cursor.split_once('.').and_then(|(id, seal)| {
            let is_ours = state.tokens.is_sealed(&self.sealed(id), seal);
            id.parse().ok().filter(|_| is_ours)
        });
        opened.ok_or_else(|| Problem::new(Code::InvalidCursor))
    }
}

impl<I: Display> PageRequest<I> {
    /// The maximum number of items in the page.
    pub(crate) const fn max(&self) -> usize {
        self.limit
    }

    /// The response, from a page that the store has bounded.
    pub(crate) fn respond_bounded<M, T: Serialize>(
        &self,
        state: &AppState,
        page: ports::Page<M, I>,
        body: impl Fn(M) -> T,
    ) -> Result<HttpResponse, Problem> {
        self.send(state, page.items.into_iter().map(body).collect(), page.next)
    }

    /// The response, from the items that were read.
    pub(crate) fn respond<M, T: Serialize>(
        &self,
        state: &AppState,
        items: Vec<M>,
        id: impl Fn(&M) -> I,
        body: impl Fn(M) -> T,
    ) -> Result<HttpResponse, Problem> {
        let last = if items.len() > self.limit { items.get(self.limit - 1).map(id) } else { None };
        self.send(state, items.into_iter().take(self.limit).map(body).collect(), last)
    }

    /// The items, and a cursor if the list continues after `last`.
    fn send<T: Serialize>(&self, state: &AppState, data: Vec<T>, last: Option<I>) -> Result<HttpResponse, Problem> {
        let Self { path, filter, limit, .. } = self;
        let next_cursor = match last.map(|last| last.to_string()) {
            Some(id) => {
                let seal = state.tokens.seal(&self.sealed(&id)).map_err(Problem::internal)?;
                Some(format!("{id}.{seal}"))
            }
            None => None,
        };
        let mut response = HttpResponse::Ok();
        if let Some(cursor) = &next_cursor {
            let and = if filter.is_empty() { "" } else { "&" };
            response
                .insert_header((LINK, format!("<{path}?{filter}{and}limit={limit}&cursor={cursor}>; rel=\"next\"")));
        }
        Ok(json(&mut response, &ListBody { data, next_cursor }))
    }
}
