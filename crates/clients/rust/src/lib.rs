//! The client of [Headroom](https://git.headroom.example/headroom/headroom), a self-hosted backend
//! for the limits of plans.
//!
//! ```no_run
//! use headroom_client::{Client, Error};
//!
//! # async fn tour() -> Result<(), Error> {
//! let client = Client::new("http://localhost:8000", "hr_live_…")?;
//! let account = client.accounts().create("My Salon").await?;
//! client.account(account.id).subscribe("basic").await?;
//! match client.account(account.id).staff().add("Ann").await {
//!     Ok(member) => println!("{} has the id {}", member.name, member.id),
//!     Err(Error::Refused(refusal)) => println!("upgrade to {:?}", refusal.upgrade()),
//!     Err(error) => return Err(error),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! - **Requests** are sent when they are awaited. [`Request`] has an idempotency key of your own,
//!   `If-Match` and dry runs, and [`Request::send`] also returns the `ETag`.
//! - **Retries**: after 429 and 503, and when a connection breaks, a request is sent again, within
//!   bounds ([`RetryPolicy`]). Each `POST` carries an `Idempotency-Key`, the same in all attempts, so
//!   it has one effect. A `PUT` or `PATCH` with `If-Match` of unknown outcome is not sent again.
//! - **Errors** are typed by code: [`Error`]. A refused limit is [`Error::Refused`].
//! - **Lists** are [pages](List::pages) or [items](List::items), as streams.
//! - It **fails closed**: without an answer there is an error. [`ClientBuilder::fail_open`] changes
//!   that for checks and entitlements.
//!
//! It needs the runtime of Tokio. Ids, keys, limits and times are the types of the `domain` crate,
//! which is re-exported.

#![expect(clippy::needless_pass_by_value, reason = "a key is taken as text or as its type, by value or by reference")]

mod call;
mod change;
mod client;
mod error;
mod limits;
mod pages;
mod request;
mod resources;
mod retry;
mod transport;
mod wire;

pub use call::new_idempotency_key;
pub use change::Change;
pub use client::{Client, ClientBuilder};
pub use domain;
pub use error::{Error, FieldFault, LimitExceeded, Problem};
pub use limits::{ExceededLimit, LimitExcess, LimitState, TimeWindow};
pub use pages::{Items, List, Page, Pages};
pub use request::{Request, Response};
pub use resources::*;
pub use retry::RetryPolicy;
