//! Lists in pages: the newest first, each page from where the one before it ended, whatever is added meanwhile.
//!
//! A cursor is the last id of a page and a seal over it and over the list it belongs to: one that was changed, or was
//! handed out for another list, is refused.

use std::fmt::Display;
use std::future::{Ready, ready};
use std::str::FromStr;

use actix_web::dev::Payload;
use actix_web::http::header::LINK;
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use serde::Serialize;

use crate::AppState;
use crate::access::{Caller, Permission};
use crate::problem::{Code, Problem};

/// How many items a page has if the request does not say.
const LIMIT_DEFAULT: usize = 20;
/// The most items that a page has.
const LIMIT_MAX: usize = 100;

/// `?limit=` and `?cursor=`, or what is wrong with them. A handler looks at it only after it knows that the caller may.
pub(crate) struct PageQuery(Result<Asked, Problem>);

struct Asked {
    path: String,
    limit: usize,
    cursor: Option<String>,
}

impl FromRequest for PageQuery {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(parse(request))))
    }
}

fn parse(request: &HttpRequest) -> Result<Asked, Problem> {
    let faulty = |detail: String| Problem::new(Code::InvalidParameter).with_detail(detail);
    let query: Vec<(String, String)> = serde_urlencoded::from_str(request.query_string())
        .map_err(|_| faulty("The query is not URL-encoded.".to_owned()))?;
    let mut asked = Asked { path: request.path().to_owned(), limit: LIMIT_DEFAULT, cursor: None };
    for (name, value) in query {
        match name.as_str() {
            "limit" => {
                let limit = value.parse().ok().filter(|limit| (1..=LIMIT_MAX).contains(limit));
                asked.limit = limit.ok_or_else(|| faulty(format!("The limit is a number from 1 to {LIMIT_MAX}.")))?;
            }
            "cursor" => asked.cursor = Some(value),
            _ => {
                return Err(faulty(format!("There is no parameter {name:?} here. Leave it out, or correct its name.")));
            }
        }
    }
    Ok(asked)
}

/// A page that was asked for, of a list of items whose ids are `I`.
pub(crate) struct Page<I> {
    asked: Asked,
    list: String,
    /// The last item of the page before.
    pub(crate) after: Option<I>,
}

impl PageQuery {
    /// The page of `list`, which says whose list it is; that the caller may not see it comes before every fault.
    pub(crate) async fn of<I: FromStr, P: Permission>(
        self,
        list: String,
        caller: &Caller<P>,
        target: P::Target,
        state: &AppState,
    ) -> Result<Page<I>, Problem> {
        match self.0.and_then(|asked| Page::open(asked, list, state)) {
            Ok(page) => Ok(page),
            Err(fault) => Err(caller.unless_refused(state, target, fault).await),
        }
    }
}

/// A list, or a part of it.
#[derive(Serialize)]
struct ListBody<T> {
    data: Vec<T>,
    next_cursor: Option<String>,
}

impl<I: FromStr> Page<I> {
    fn open(asked: Asked, list: String, state: &AppState) -> Result<Self, Problem> {
        let Some(cursor) = &asked.cursor else { return Ok(Self { asked, list, after: None }) };
        let opened = cursor.split_once('.').and_then(|(id, seal)| {
            let is_ours = state.tokens.is_sealed(&format!("{list} {id}"), seal);
            id.parse().ok().filter(|_| is_ours)
        });
        let after = opened.ok_or_else(|| Problem::new(Code::InvalidCursor))?;
        Ok(Self { asked, list, after: Some(after) })
    }
}

impl<I: Display> Page<I> {
    /// How many items to read: one more than the page has, to know whether it is the last.
    pub(crate) const fn read_max(&self) -> usize {
        self.asked.limit + 1
    }

    /// The answer, from the items that were read.
    pub(crate) fn respond<M, T: Serialize>(
        &self,
        state: &AppState,
        items: Vec<M>,
        id: impl Fn(&M) -> I,
        body: impl Fn(M) -> T,
    ) -> Result<HttpResponse, Problem> {
        let limit = self.asked.limit;
        let last = if items.len() > limit { items.get(limit - 1).map(id) } else { None };
        let next_cursor = match last {
            Some(id) => {
                let seal = state.tokens.seal(&format!("{} {id}", self.list)).map_err(Problem::internal)?;
                Some(format!("{id}.{seal}"))
            }
            None => None,
        };
        let mut response = HttpResponse::Ok();
        if let Some(cursor) = &next_cursor {
            let path = &self.asked.path;
            response.insert_header((LINK, format!("<{path}?limit={limit}&cursor={cursor}>; rel=\"next\"")));
        }
        Ok(response.json(ListBody { data: items.into_iter().take(limit).map(body).collect(), next_cursor }))
    }
}
