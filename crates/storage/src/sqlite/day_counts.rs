//! The bookings of a few of an account's days to come, counted in the account's own row: the row is read for every
//! booking anyway, and its page is written for the audit anyway.

use std::fmt::Write;

use domain::error::StorageError;

/// How many days an account's row holds. More would make the rows, and so the tree that every booking looks into, larger.
const DAYS_MAX: usize = 8;

/// Days and how many bookings each has, by day. A day that is not here may have a row of its own in `booking_counters`.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct DayCounts(Vec<(i64, u32)>);

impl DayCounts {
    /// Reads what [`DayCounts::to_json`] wrote: `[[20515,3],[20516,1]]`.
    pub(super) fn parse(json: &str) -> Result<Self, StorageError> {
        let corrupt = || StorageError::Corrupt(format!("{json:.64} is no list of days and counts"));
        let inner = json.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).ok_or_else(corrupt)?;
        if inner.is_empty() {
            return Ok(Self::default());
        }
        let inner = inner.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).ok_or_else(corrupt)?;
        let pair = |pair: &str| {
            let (day, count) = pair.split_once(',')?;
            Some((day.parse().ok()?, count.parse().ok()?))
        };
        inner.split("],[").map(pair).collect::<Option<_>>().and_then(Self::of).ok_or_else(corrupt)
    }

    /// These days and their counts, if each day is later than the one before.
    pub(super) fn of(counts: Vec<(i64, u32)>) -> Option<Self> {
        Some(Self(counts)).filter(|Self(counts)| counts.is_sorted_by(|one, next| one.0 < next.0))
    }

    /// The days that are counted here, and how many bookings each has.
    pub(super) fn days(&self) -> &[(i64, u32)] {
        &self.0
    }

    /// The text that is stored: JSON, so that SQL can read it too.
    pub(super) fn to_json(&self) -> String {
        let mut json = String::with_capacity(2 + self.0.len() * 12);
        json.push('[');
        for (index, (day, count)) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            let _ = write!(json, "{comma}[{day},{count}]");
        }
        json.push(']');
        json
    }

    /// How many bookings the day has, if it is counted here.
    pub(super) fn get(&self, day: i64) -> Option<u32> {
        let index = self.0.binary_search_by_key(&day, |(day, _)| *day).ok()?;
        self.0.get(index).map(|(_, count)| *count)
    }

    /// Counts one more booking for the day, if it is counted here.
    pub(super) fn increment(&mut self, day: i64) -> bool {
        match self.0.iter_mut().find(|(its, _)| *its == day) {
            Some((_, count)) => {
                *count = count.saturating_add(1);
                true
            }
            None => false,
        }
    }

    /// Counts one booking less for the day, if it is counted here.
    pub(super) fn decrement(&mut self, day: i64) -> bool {
        let Ok(index) = self.0.binary_search_by_key(&day, |(day, _)| *day) else { return false };
        match self.0.get_mut(index) {
            Some((_, count)) if *count > 1 => *count -= 1,
            _ => drop(self.0.remove(index)),
        }
        true
    }

    /// Takes out the days before `day`, if there is no room for another: they are hardly booked any more.
    pub(super) fn retire(&mut self, day: i64) -> Vec<(i64, u32)> {
        if self.has_room() {
            return Vec::new();
        }
        let staying = self.0.split_off(self.0.partition_point(|(its, _)| *its < day));
        std::mem::replace(&mut self.0, staying)
    }

    /// Counts a day here that was not, if there is room.
    pub(super) fn insert(&mut self, day: i64, count: u32) {
        if self.has_room() {
            self.0.insert(self.0.partition_point(|(its, _)| *its < day), (day, count));
        }
    }

    /// Whether another day has room here.
    pub(super) fn has_room(&self) -> bool {
        self.0.len() < DAYS_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let mut counts = DayCounts::default();
        assert_eq!((counts.to_json().as_str(), DayCounts::parse("[]")), ("[]", Ok(DayCounts::default())));
        for (day, count) in [(20_516, 1), (-3, 7), (20_515, 2)] {
            counts.insert(day, count);
        }
        assert!(counts.increment(20_515) && !counts.increment(20_514));
        assert_eq!(counts.to_json(), "[[-3,7],[20515,3],[20516,1]]");
        assert_eq!(DayCounts::parse(&counts.to_json()), Ok(counts.clone()));
        assert_eq!((counts.get(20_515), counts.get(1)), (Some(3), None));
        for bad in ["", "[", "[1,2]", "[[1]]", "[[1,-2]]", "[[2,1],[1,1]]", "[[1,1],[1,1]]", "[[1,1]"] {
            assert!(DayCounts::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn days_that_are_past_make_room_when_there_is_none() {
        let mut counts = DayCounts::default();
        for day in 0..7 {
            counts.insert(day, 1);
        }
        assert_eq!((counts.retire(5), counts.has_room()), (Vec::new(), true));
        counts.insert(7, 1);
        assert!(!counts.has_room());
        counts.insert(8, 1);
        assert_eq!((counts.retire(0), counts.get(8)), (Vec::new(), None));
        assert_eq!(counts.retire(2), [(0, 1), (1, 1)]);
        assert_eq!((counts.get(1), counts.get(2), counts.has_room()), (None, Some(1), true));
    }
}
