//! Lists: page by page, or item by item.

use std::fmt;
use std::future::{Future, poll_fn};
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::call::Call;
use crate::error::Error;
use crate::request::Request;
use crate::transport::Transport;

/// The page size of [`List::pages`] and [`List::items`] unless another is set: the largest.
const PAGE_ITEMS: u8 = 100;

/// A page of a list.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[non_exhaustive]
pub struct Page<T> {
    /// The items. There may be fewer than the limit, or none, also if there is a next page.
    pub data: Vec<T>,
    /// The cursor of the next page; `None` at the end.
    pub next_cursor: Option<String>,
}

/// A list. Ask for one page, or for a stream of [pages](List::pages) or [items](List::items).
#[derive(Debug)]
#[must_use = "a list is requested by page(), pages(), items() or all()"]
pub struct List<T> {
    transport: Transport,
    call: Call,
    item: PhantomData<fn() -> T>,
}

/// Also of items that cannot be cloned.
impl<T> Clone for List<T> {
    fn clone(&self) -> Self {
        Self { transport: self.transport.clone(), call: self.call.clone(), item: PhantomData }
    }
}

impl<T> List<T> {
    pub(crate) fn new(transport: &Transport, call: Call) -> Self {
        Self { transport: transport.clone(), call, item: PhantomData }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.call = self.call.with_query(name, value);
        self
    }

    /// The number of items of a page, 1 to 100.
    pub fn limit(self, limit: u8) -> Self {
        self.with("limit", limit)
    }

    /// Begins with the page of this cursor.
    pub fn cursor(self, cursor: &str) -> Self {
        self.with("cursor", cursor)
    }

    fn with_large_pages(self) -> Self {
        if self.call.query.iter().any(|(name, _)| *name == "limit") { self } else { self.limit(PAGE_ITEMS) }
    }
}

impl<T: DeserializeOwned + 'static> List<T> {
    /// Requests one page.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn page(&self) -> Result<Page<T>, Error> {
        Request::<Page<T>>::new(&self.transport, self.call.clone()).await
    }

    /// All pages, each requested when the one before it was taken. An error is the last item.
    pub fn pages(self) -> Pages<T> {
        Pages { state: State::Waiting(self.with_large_pages()) }
    }

    /// All items of all pages.
    pub fn items(self) -> Items<T> {
        Items { pages: self.pages(), page: Vec::new().into_iter() }
    }

    /// Requests all pages, and returns all items.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn all(self) -> Result<Vec<T>, Error> {
        let (mut pages, mut all) = (self.pages(), Vec::new());
        while let Some(page) = pages.next().await {
            all.extend(page?.data);
        }
        Ok(all)
    }
}

type PageRequest<T> = Pin<Box<dyn Future<Output = (List<T>, Result<Page<T>, Error>)> + Send>>;

enum State<T> {
    /// The next page is not requested yet.
    Waiting(List<T>),
    Requested(PageRequest<T>),
    Ended,
}

/// A [`Stream`] of the pages of a list.
#[must_use = "a stream requests nothing unless it is polled"]
pub struct Pages<T> {
    state: State<T>,
}

impl<T: DeserializeOwned + 'static> Pages<T> {
    /// The next page; `None` at the end.
    pub async fn next(&mut self) -> Option<Result<Page<T>, Error>> {
        poll_fn(|context| self.poll_page(context)).await
    }

    fn poll_page(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Page<T>, Error>>> {
        if let State::Waiting(list) = &self.state {
            let list = list.clone();
            self.state = State::Requested(Box::pin(async move {
                let page = list.page().await;
                (list, page)
            }));
        }
        let State::Requested(request) = &mut self.state else { return Poll::Ready(None) };
        let (list, page) = ready!(request.as_mut().poll(context));
        let next = page.as_ref().ok().and_then(|page| page.next_cursor.as_deref());
        self.state = next.map_or(State::Ended, |cursor| State::Waiting(list.cursor(cursor)));
        Poll::Ready(Some(page))
    }
}

impl<T: DeserializeOwned + 'static> Stream for Pages<T> {
    type Item = Result<Page<T>, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_page(context)
    }
}

impl<T> fmt::Debug for Pages<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").finish_non_exhaustive()
    }
}

/// A [`Stream`] of the items of a list.
#[must_use = "a stream requests nothing unless it is polled"]
pub struct Items<T> {
    pages: Pages<T>,
    page: std::vec::IntoIter<T>,
}

impl<T: DeserializeOwned + 'static> Items<T> {
    /// The next item; `None` at the end.
    pub async fn next(&mut self) -> Option<Result<T, Error>> {
        poll_fn(|context| self.poll_item(context)).await
    }

    fn poll_item(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<T, Error>>> {
        loop {
            if let Some(item) = self.page.next() {
                return Poll::Ready(Some(Ok(item)));
            }
            match ready!(self.pages.poll_page(context)) {
                Some(Ok(page)) => self.page = page.data.into_iter(),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

// Nothing in them is pinned in place: the request of a page is in a box.
impl<T> Unpin for Pages<T> {}
impl<T> Unpin for Items<T> {}

impl<T: DeserializeOwned + 'static> Stream for Items<T> {
    type Item = Result<T, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_item(context)
    }
}

impl<T> fmt::Debug for Items<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items").finish_non_exhaustive()
    }
}
