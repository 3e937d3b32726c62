//! What changes of an account with every booking.

use domain::Uuid;
use domain::error::StorageError;

use super::booking_list::BookingList;
use super::day_counts::DayCounts;
use super::row::take;

/// What is known of an account's audit and bookings.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct State {
    /// The newest entry of its audit.
    pub(super) audit_head: Option<Uuid>,
    pub(super) day_counts: DayCounts,
    /// How many bookings it ever made.
    pub(super) bookings: i64,
    /// The newest of them.
    pub(super) recent: BookingList,
}

impl State {
    /// What the journal has: a byte that says whether the audit has an end, and 16 of it; 8 of the number of bookings; one of the
    /// number of days, and 8 and 4 of each and its count; and the newest bookings.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(512);
        bytes.push(self.audit_head.is_some().into());
        bytes.extend_from_slice(self.audit_head.unwrap_or_default().as_bytes());
        bytes.extend_from_slice(&self.bookings.to_be_bytes());
        let days = self.day_counts.days();
        bytes.push(u8::try_from(days.len()).unwrap_or(u8::MAX));
        for (day, count) in days {
            bytes.extend_from_slice(&day.to_be_bytes());
            bytes.extend_from_slice(&count.to_be_bytes());
        }
        bytes.extend_from_slice(&self.recent.to_bytes(0));
        bytes
    }

    /// Reads what [`State::to_bytes`] wrote.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, StorageError> {
        let corrupt = || StorageError::Corrupt(format!("{} bytes are no state of an account", bytes.len()));
        let mut rest = bytes;
        let [has_head] = take(&mut rest).ok_or_else(corrupt)?;
        let head = take(&mut rest).map(Uuid::from_bytes).ok_or_else(corrupt)?;
        let bookings = take(&mut rest).map(i64::from_be_bytes).ok_or_else(corrupt)?;
        let [days] = take(&mut rest).ok_or_else(corrupt)?;
        let mut day = || Some((take(&mut rest).map(i64::from_be_bytes)?, take(&mut rest).map(u32::from_be_bytes)?));
        let days: Vec<_> = (0..days).map(|_| day()).collect::<Option<_>>().ok_or_else(corrupt)?;
        Ok(Self {
            audit_head: Some(head).filter(|_| has_head == 1),
            day_counts: DayCounts::of(days).ok_or_else(corrupt)?,
            bookings,
            recent: BookingList::parse(rest)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use domain::{BookingId, StaffId};

    use super::*;
    use crate::sqlite::booking_list::Listed;

    #[test]
    fn a_state_is_read_back_as_it_was_written_and_what_is_none_is_corrupt() {
        let id = |number| Uuid::from_u128(number);
        let listed = |number| Listed {
            id: BookingId::from_uuid(id(number)),
            is_deleted: number % 2 == 0,
            day: -3,
            staff_id: Some(StaffId::from_uuid(id(7))).filter(|_| number > 2),
        };
        let state = State {
            audit_head: Some(id(9)),
            day_counts: DayCounts::of(vec![(-3, 1), (20_541, 20)]).unwrap(),
            bookings: 75,
            recent: BookingList((1..=3).map(listed).collect()),
        };
        let bytes = state.to_bytes();
        assert_eq!(
            (State::parse(&bytes), State::parse(&State::default().to_bytes())),
            (Ok(state), Ok(State::default()))
        );
        for length in (0..50).chain([67, 128]) {
            assert!(State::parse(&bytes[..length]).is_err(), "{length} bytes");
        }
    }
}
