//! What an account's bookings are listed by, a few bookings at a time: as bytes in its row or in a page
//! (docs/adr/0012-lists.md).

use domain::error::StorageError;
use domain::{Booking, BookingFilter, BookingId, StaffId, Uuid};
use rusqlite::Row;

use super::row;

/// What a booking is listed by.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Listed {
    pub(super) id: BookingId,
    pub(super) is_deleted: bool,
    /// As the columns have it.
    pub(super) day: i64,
    pub(super) staff_id: Option<StaffId>,
}

impl From<&Booking> for Listed {
    fn from(booking: &Booking) -> Self {
        let (is_deleted, day) = (booking.deleted_at.is_some(), row::day_number(booking.day));
        Self { id: booking.id, is_deleted, day, staff_id: booking.staff_id }
    }
}

impl Listed {
    /// Whether the filter lets the booking through, as [`BookingFilter::admits`].
    pub(super) fn is_admitted(&self, filter: &BookingFilter) -> bool {
        filter.from.is_none_or(|from| row::day_number(from) <= self.day)
            && filter.to.is_none_or(|to| self.day <= row::day_number(to))
            && filter.staff_id.is_none_or(|id| self.staff_id == Some(id))
            && (filter.include_deleted || !self.is_deleted)
    }
}

/// What some bookings have at most, so that they are passed over if it is not what is asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Summary {
    pub(super) first_day: i64,
    pub(super) last_day: i64,
    /// A bit for each of their staff members, which others may have too, and [`PRESENT`].
    pub(super) marks: i64,
}

/// The mark of what has a booking that was not removed.
const PRESENT: i64 = 1 << 62;

/// The marks of a booking with this staff member, and of one that was not removed.
fn marks(staff_id: Option<StaffId>, is_present: bool) -> i64 {
    // The end of an id is random.
    let of_staff = staff_id.map_or(0, |id| {
        let [.., last] = *id.uuid().as_bytes();
        1 << (last % 62)
    });
    of_staff | if is_present { PRESENT } else { 0 }
}

impl From<&Listed> for Summary {
    fn from(booking: &Listed) -> Self {
        Self { first_day: booking.day, last_day: booking.day, marks: marks(booking.staff_id, !booking.is_deleted) }
    }
}

impl Summary {
    /// What is asked for: whatever has a booking that the filter admits has a day of these, and these marks.
    pub(super) fn wanted(filter: &BookingFilter) -> Self {
        Self {
            first_day: filter.from.map_or(i64::MIN, row::day_number),
            last_day: filter.to.map_or(i64::MAX, row::day_number),
            marks: marks(filter.staff_id, !filter.include_deleted),
        }
    }

    /// The columns from `index` on, if they say.
    pub(super) fn read(row: &Row<'_>, index: usize) -> Result<Option<Self>, StorageError> {
        let Some(first_day) = row::column(row, index)? else { return Ok(None) };
        let (last_day, marks) = (row::column(row, index + 1)?, row::column(row, index + 2)?);
        Ok(Some(Self { first_day, last_day, marks }))
    }

    /// What both have together.
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            first_day: self.first_day.min(other.first_day),
            last_day: self.last_day.max(other.last_day),
            marks: self.marks | other.marks,
        }
    }
}

/// Bookings in the order in which they were made.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct BookingList(pub(super) Vec<Listed>);

/// How many bookings an account's row lists. More would make the rows, and so the tree that every booking looks into,
/// larger.
pub(super) const RECENT_MAX: usize = 8;
/// How many bytes an entry has without a staff member.
const ENTRY_BYTES: usize = 21;
/// How many bytes a staff member takes.
const STAFF_BYTES: usize = 16;

/// Says of an entry that its booking was removed.
const DELETED: u8 = 1;
/// Says of an entry that a staff member follows.
const STAFF: u8 = 2;

impl BookingList {
    /// Reads what [`BookingList::to_bytes`] wrote.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, StorageError> {
        let mut bookings = Vec::new();
        let mut rest = bytes;
        while rest.iter().any(|byte| *byte != 0) {
            let corrupt = || StorageError::Corrupt(format!("{} bytes are no list of bookings", bytes.len()));
            bookings.push(take_entry(&mut rest).ok_or_else(corrupt)?);
        }
        Ok(Self(bookings))
    }

    /// What is stored, one entry after the other: 16 bytes of the id, 4 of the day, 1 that says what else, and 16 of the
    /// staff member if there is one.
    ///
    /// Zeros, which no entry begins with, follow until there are as many bytes as `max` bookings take that are like these: a
    /// row that keeps its length is written where it is; one that grows moves its neighbours to other pages.
    pub(super) fn to_bytes(&self, max: usize) -> Vec<u8> {
        let has_staff = self.0.iter().any(|booking| booking.staff_id.is_some());
        let length = max.max(self.0.len()) * (ENTRY_BYTES + if has_staff { STAFF_BYTES } else { 0 });
        let mut bytes = Vec::with_capacity(length);
        for Listed { id, is_deleted, day, staff_id } in &self.0 {
            bytes.extend_from_slice(id.uuid().as_bytes());
            bytes.extend_from_slice(&i32::try_from(*day).unwrap_or(i32::MAX).to_be_bytes());
            bytes.push(if *is_deleted { DELETED } else { 0 } | if staff_id.is_some() { STAFF } else { 0 });
            bytes.extend(staff_id.iter().flat_map(|id| id.uuid().into_bytes()));
        }
        bytes.resize(length, 0);
        bytes
    }

    /// What the bookings have, if there are any.
    pub(super) fn summary(&self) -> Option<Summary> {
        self.0.iter().map(Summary::from).reduce(Summary::and)
    }

    /// Puts a booking in place of what was known of it; says whether it is here.
    pub(super) fn replace(&mut self, booking: Listed) -> bool {
        self.0.iter_mut().find(|known| known.id == booking.id).map(|known| *known = booking).is_some()
    }
}

/// Takes an entry off the beginning.
fn take_entry(bytes: &mut &[u8]) -> Option<Listed> {
    let id = BookingId::from_uuid(Uuid::from_bytes(row::take(bytes)?));
    let day = i32::from_be_bytes(row::take(bytes)?);
    let [flags] = row::take(bytes)?;
    let staff_id =
        if flags & STAFF == 0 { None } else { Some(StaffId::from_uuid(Uuid::from_bytes(row::take(bytes)?))) };
    Some(Listed { id, is_deleted: flags & DELETED != 0, day: day.into(), staff_id })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(number: u128) -> Listed {
        let staff_id = Some(StaffId::from_uuid(Uuid::from_u128(number))).filter(|_| number.is_multiple_of(3));
        let (id, day) = (BookingId::from_uuid(Uuid::from_u128(number)), 7 - i64::try_from(number).unwrap());
        Listed { id, is_deleted: number.is_multiple_of(2), day, staff_id }
    }

    #[test]
    fn bookings_are_read_back_as_they_were_written() {
        let mut list = BookingList((0..16).map(listed).collect());
        assert_eq!(BookingList::parse(&list.to_bytes(0)), Ok(list.clone()));
        for (few, bytes) in [(0, 168), (1, 168), (2, 168), (3, 296)] {
            let few = BookingList((1..=few).map(listed).collect());
            let stored = few.to_bytes(RECENT_MAX);
            assert_eq!((stored.len(), BookingList::parse(&stored)), (bytes, Ok(few)));
        }
        let days = |list: &BookingList| list.summary().map(|it| (it.first_day, it.last_day));
        assert_eq!((days(&list), days(&BookingList::default())), (Some((-8, 7)), None));
        let moved = Listed { day: 20_541, ..listed(15) };
        assert!(list.replace(moved) && !list.replace(listed(16)));
        assert_eq!((list.0.len(), list.0[15], days(&list)), (16, moved, Some((-7, 20_541))));
        let marks =
            |numbers: &[u128]| BookingList(numbers.iter().copied().map(listed).collect()).summary().unwrap().marks;
        assert_eq!((marks(&[1]), marks(&[2]), marks(&[2, 6, 3])), (PRESENT, 0, 1 << 6 | 1 << 3 | PRESENT));
        for bad in [&[7; 16][..], &[7; 20], &[7; 39], &[&[7; 20][..], &[STAFF]].concat()] {
            assert!(BookingList::parse(bad).is_err(), "{bad:?}");
        }
    }
}
