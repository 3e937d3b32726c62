//! Reads beside 10 million bookings: a list at its beginning and far down, and what an account may still do.

use std::fmt;
use std::time::Duration;

use crate::client::{self, Sample};
use crate::fixture;
use crate::servers::Server;

/// How far down the list of an account's bookings is read, in pages of 20.
const PAGES: usize = 10_000;
/// How long each is measured, one request after the other.
const TIME: Duration = Duration::from_secs(2);

/// What is read.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Read {
    /// The first page of an account's bookings.
    FirstPage,
    /// A page far down.
    LatePage,
    /// The first page of a week's.
    Week,
    /// The bookings of a staff member who has few, all over the list.
    StaffMember,
    /// The first page before a day, and before hundreds of thousands that were removed.
    Removed,
    /// What an account may still do.
    Entitlements,
}

impl fmt::Display for Read {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FirstPage => write!(f, "bookings, page 1"),
            Self::LatePage => write!(f, "bookings, page {PAGES}"),
            Self::Week => write!(f, "bookings of a week, page 1"),
            Self::StaffMember => write!(f, "bookings of a staff member, page 1"),
            Self::Removed => write!(f, "bookings before 400,000 removed ones, page 1"),
            Self::Entitlements => write!(f, "entitlements"),
        }
    }
}

/// Measures each of them, from one connection, for the account that has the most bookings.
pub(crate) fn measure(server: &Server) -> Vec<(Read, Sample)> {
    let account = fixture::account(0);
    let list = format!("/accounts/{account}/bookings");
    let get = |path: &str| {
        format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\r\n", server.token).into_bytes()
    };
    let mut late = list.clone();
    for _ in 1..PAGES {
        let answer = client::ask(server.address, &get(&late));
        let cursor = answer.split_once("\"next_cursor\":\"").and_then(|(_, rest)| rest.split('"').next());
        late = format!("{list}?cursor={}", cursor.expect("there is another page"));
    }
    let ((from, to), staff_member, day) = (fixture::week(), fixture::staff_member(), fixture::removed_until());
    let reads = [
        (Read::FirstPage, list.clone()),
        (Read::LatePage, late),
        (Read::Week, format!("{list}?from={from}&to={to}")),
        (Read::StaffMember, format!("{list}?staff_id={staff_member}")),
        (Read::Removed, format!("{list}?to={day}")),
        (Read::Entitlements, format!("/accounts/{account}/entitlements")),
    ];
    let measure = |(read, path): (Read, String)| {
        let request = get(&path);
        let listed = client::ask(server.address, &request).matches("\"starts_at\"").count();
        assert!(listed > 10 || matches!(read, Read::Entitlements), "{read}: only {listed}");
        (read, client::drive(server.address, move || request.clone(), 1, TIME))
    };
    reads.into_iter().map(measure).collect()
}
