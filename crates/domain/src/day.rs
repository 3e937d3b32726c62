//! The business day: an instant and a time zone become a civil date and its half-open window of
//! time.

use std::fmt;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp};

use crate::FaultReason;
use crate::bounds::{DAY_MAX, DAY_MIN, STARTS_AT_MAX, STARTS_AT_MIN};

/// A time zone of the IANA database. Its rules are compiled into the program, so that a day is the
/// same on every machine.
#[derive(Clone, Debug)]
pub struct Zone(TimeZone);

impl Zone {
    /// Coordinated Universal Time, the default zone of an account.
    pub const UTC: Self = Self(TimeZone::UTC);

    /// Finds a zone by its IANA name, in any letter case.
    ///
    /// # Errors
    /// [`FaultReason::UnknownTimeZone`].
    pub fn parse(name: &str) -> Result<Self, FaultReason> {
        TimeZone::get(name.trim())
            .ok()
            .filter(|zone| zone.iana_name().is_some())
            .map(Self)
            .ok_or(FaultReason::UnknownTimeZone)
    }

    /// The zone's IANA name in its usual letter case.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// The business day of an instant.
    ///
    /// It is the day whose [window](BusinessDay) contains `at`: the date on the zone's clocks,
    /// except where clocks were set back *over* midnight. A day that has begun does not begin
    /// again.
    ///
    /// ```
    /// use domain::Zone;
    ///
    /// let berlin = Zone::parse("Europe/Berlin").unwrap();
    /// let day = berlin.day_of("2026-03-29T21:59:59Z".parse().unwrap());
    /// assert_eq!(day.date.to_string(), "2026-03-29");
    /// assert_eq!(day.start.to_string(), "2026-03-28T23:00:00Z");
    /// assert_eq!(day.end.to_string(), "2026-03-29T22:00:00Z"); // 23 hours: the clocks went forward
    /// ```
    #[must_use]
    pub fn day_of(&self, at: Timestamp) -> BusinessDay {
        let shown = self.day(self.0.to_datetime(at).date());
        if at < shown.end { shown } else { self.day(next_date(shown.date)) }
    }

    /// The business day of a date. It is empty where the zone skipped the date.
    #[must_use]
    pub fn day(&self, date: Date) -> BusinessDay {
        BusinessDay { date, start: self.start_of(date), end: self.start_of(next_date(date)), zone: self.clone() }
    }

    /// The first instant at or after the midnight of `date` on the zone's clocks.
    fn start_of(&self, date: Date) -> Timestamp {
        let midnight = date.to_datetime(Time::midnight());
        // The first and the last day reach beyond the instants that there are.
        let bound = if date.year() < 0 { Timestamp::MIN } else { Timestamp::MAX };
        let at_offset = |offset: jiff::tz::Offset| offset.to_timestamp(midnight).unwrap_or(bound);
        match self.0.to_ambiguous_timestamp(midnight).offset() {
            AmbiguousOffset::Unambiguous { offset } => at_offset(offset),
            // Midnight occurs twice: the day begins with the first one.
            AmbiguousOffset::Fold { before, .. } => at_offset(before),
            // Midnight is skipped: the day begins where the clocks jumped, at or before this
            // instant.
            AmbiguousOffset::Gap { before, .. } => {
                let latest = at_offset(before);
                let just_after = latest.saturating_add(SignedDuration::from_nanos(1)).unwrap_or(latest);
                self.0.preceding(just_after).next().map_or(latest, |jump| jump.timestamp())
            }
        }
    }
}

impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Zone {}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A civil date in a zone and its window of time `[start, end)`, usually 23, 24 or 25 hours. The
/// windows of a zone's days have neither gaps nor overlaps.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BusinessDay {
    /// The civil date.
    pub date: Date,
    /// The first instant of the day.
    pub start: Timestamp,
    /// The first instant after the day.
    pub end: Timestamp,
    /// The zone.
    pub zone: Zone,
}

impl BusinessDay {
    /// The next day in the same zone. A date that the zone skipped is passed over.
    #[must_use]
    pub fn next(&self) -> Self {
        let next = self.zone.day(next_date(self.date));
        if next.start < next.end { next } else { self.zone.day(next_date(next.date)) }
    }
}

fn next_date(date: Date) -> Date {
    date.tomorrow().unwrap_or(Date::MAX)
}

/// Truncates an instant to microseconds, the precision of every store.
#[must_use]
pub fn whole_microseconds(instant: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(instant.as_microsecond()).unwrap_or(instant)
}

/// Parses the start of a booking: an RFC 3339 date and time with an offset, to the microsecond.
///
/// Second 60 is accepted where a leap second was inserted, and becomes the second before it, which
/// is on the same day.
///
/// ```
/// use domain::{FaultReason, parse_instant};
///
/// assert_eq!(parse_instant("2017-01-01T00:59:60+01:00").unwrap().to_string(), "2016-12-31T23:59:59Z");
/// assert_eq!(parse_instant("2026-03-29T10:00:60Z"), Err(FaultReason::NotAnInstant));
/// assert_eq!(parse_instant("2026-03-29T10:00:00+24:00"), Err(FaultReason::NotAnInstant));
/// ```
///
/// # Errors
/// [`FaultReason::NotAnInstant`], or [`FaultReason::InstantOutOfRange`] before [`STARTS_AT_MIN`]
/// and from [`STARTS_AT_MAX`] on.
pub fn parse_instant(text: &str) -> Result<Timestamp, FaultReason> {
    let text = text.trim();
    // jiff also parses forms that are not in RFC 3339: a space for the T, no dashes, an offset of
    // hours only.
    let local_length = rfc3339_local_length(text.as_bytes()).ok_or(FaultReason::NotAnInstant)?;
    text[..local_length].parse::<DateTime>().map_err(|_| FaultReason::NotAnInstant)?;
    // The date and the time are valid, so jiff fails only on an instant outside of its range.
    let instant: Timestamp = text.parse().map_err(|_| FaultReason::InstantOutOfRange)?;
    if &text[17..19] == "60" && !is_before_leap_second(instant) {
        return Err(FaultReason::NotAnInstant);
    }
    let instant = whole_microseconds(instant);
    if (STARTS_AT_MIN..STARTS_AT_MAX).contains(&instant) { Ok(instant) } else { Err(FaultReason::InstantOutOfRange) }
}

/// The months, in UTC, at whose end a leap second was inserted (IERS, Bulletin C). A new one is
/// announced half a year ahead.
const LEAP_SECONDS: [(i16, &[i8]); 26] = [
    (1972, &[6, 12]),
    (1973, &[12]),
    (1974, &[12]),
    (1975, &[12]),
    (1976, &[12]),
    (1977, &[12]),
    (1978, &[12]),
    (1979, &[12]),
    (1981, &[6]),
    (1982, &[6]),
    (1983, &[6]),
    (1985, &[6]),
    (1987, &[12]),
    (1989, &[12]),
    (1990, &[12]),
    (1992, &[6]),
    (1993, &[6]),
    (1994, &[6]),
    (1995, &[12]),
    (1997, &[6]),
    (1998, &[12]),
    (2005, &[12]),
    (2008, &[12]),
    (2012, &[6]),
    (2015, &[6]),
    (2016, &[12]),
];

/// Whether a leap second was inserted after the second of `instant`.
fn is_before_leap_second(instant: Timestamp) -> bool {
    let at = jiff::tz::Offset::UTC.to_datetime(instant);
    let is_last_second = (at.hour(), at.minute(), at.second(), at.day()) == (23, 59, 59, at.days_in_month());
    is_last_second && LEAP_SECONDS.iter().any(|(year, months)| *year == at.year() && months.contains(&at.month()))
}

/// Parses a day from [`DAY_MIN`] to [`DAY_MAX`], as `YYYY-MM-DD` only.
///
/// ```
/// use domain::{FaultReason, parse_day};
///
/// assert_eq!(parse_day("2028-02-29").unwrap().to_string(), "2028-02-29");
/// assert_eq!(parse_day("2027-02-29"), Err(FaultReason::NotADay));
/// ```
///
/// # Errors
/// [`FaultReason::NotADay`].
pub fn parse_day(text: &str) -> Result<Date, FaultReason> {
    let day = if has_outline(text.as_bytes(), b"0000-00-00") { text.parse().ok() } else { None };
    day.filter(|day| (DAY_MIN..=DAY_MAX).contains(day)).ok_or(FaultReason::NotADay)
}

/// The number of bytes before the offset, if `text` has the form of `1985-04-12T23:20:50.52+01:00`
/// (RFC 3339, section 5.6) and an offset of less than a day.
fn rfc3339_local_length(text: &[u8]) -> Option<usize> {
    let (date_time, rest) = text.split_at_checked(19)?;
    let digits = rest.strip_prefix(b".").map_or(0, |f| f.iter().take_while(|b| b.is_ascii_digit()).count());
    let fraction_length = if digits > 0 { 1 + digits } else { 0 };
    let is_local = has_outline(date_time, b"0000-00-00T00:00:00");
    (is_local && is_offset(&rest[fraction_length..])).then_some(19 + fraction_length)
}

/// Whether `text` is `Z` or from `-23:59` to `+23:59`.
fn is_offset(text: &[u8]) -> bool {
    text.eq_ignore_ascii_case(b"Z")
        || (has_outline(text, b"+00:00") && text[1..3] <= b"23"[..] && text[4..6] <= b"59"[..])
}

/// Whether `text` has the form of `outline`, where `0` is any digit, `T` is in either case and `+`
/// is either sign.
fn has_outline(text: &[u8], outline: &[u8]) -> bool {
    text.len() == outline.len()
        && text.iter().zip(outline).all(|(byte, expected)| match expected {
            b'0' => byte.is_ascii_digit(),
            b'T' => byte.eq_ignore_ascii_case(&b'T'),
            b'+' => matches!(byte, b'+' | b'-'),
            _ => byte == expected,
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn zone(name: &str) -> Zone {
        Zone::parse(name).unwrap()
    }

    fn hours(day: &BusinessDay) -> f64 {
        day.end.duration_since(day.start).as_secs_f64() / 3600.0
    }

    #[test]
    fn a_day_has_23_24_or_25_hours() {
        for (name, on, expected) in [
            ("Europe/Berlin", date(2026, 3, 29), 23.0),
            ("Europe/Berlin", date(2026, 3, 30), 24.0),
            ("Europe/Berlin", date(2026, 10, 25), 25.0),
            ("America/New_York", date(2026, 3, 8), 23.0),
            ("America/New_York", date(2026, 11, 1), 25.0),
            ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
            ("UTC", date(2028, 2, 29), 24.0),
        ] {
            assert!((hours(&zone(name).day(on)) - expected).abs() < 1e-9, "{name} {on}");
        }
    }

    #[test]
    fn an_instant_falls_on_the_local_date() {
        for (name, at, expected) in [
            ("UTC", "2026-01-01T00:00:00Z", date(2026, 1, 1)),
            ("UTC", "2025-12-31T23:59:59.999999Z", date(2025, 12, 31)),
            ("Pacific/Kiritimati", "2026-01-01T10:00:00Z", date(2026, 1, 2)),
            ("Pacific/Pago_Pago", "2026-01-01T10:59:59Z", date(2025, 12, 31)),
            ("Asia/Kathmandu", "2026-01-01T18:15:00Z", date(2026, 1, 2)),
            ("Asia/Kathmandu", "2026-01-01T18:14:59Z", date(2026, 1, 1)),
        ] {
            assert_eq!(zone(name).day_of(at.parse().unwrap()).date, expected, "{name} {at}");
        }
    }

    #[test]
    fn a_day_without_midnight_begins_at_the_clock_change() {
        let sao_paulo = zone("America/Sao_Paulo").day(date(2015, 10, 18));
        assert_eq!(sao_paulo.start.to_string(), "2015-10-18T03:00:00Z");
        // 23:30 became 00:30: the day begins at 00:30, not at the 01:00 that "midnight moved by an
        // hour" would give.
        let toronto = zone("America/Toronto").day(date(1919, 3, 31));
        assert_eq!(toronto.start.to_string(), "1919-03-31T04:30:00Z");
    }

    #[test]
    fn a_skipped_date_is_empty_and_passed_over() {
        let apia = zone("Pacific/Apia");
        let skipped = apia.day(date(2011, 12, 30));
        assert_eq!(skipped.start, skipped.end);
        assert_eq!(apia.day(date(2011, 12, 29)).next(), apia.day(date(2011, 12, 31)));
        assert_eq!(apia.day_of(skipped.start).date, date(2011, 12, 31));
    }

    #[test]
    fn clocks_set_back_over_midnight_reopen_no_day() {
        // In St. John's, 00:01 on 7 November 2010 became 23:01 on the 6th.
        let st_johns = zone("America/St_Johns");
        let shown_twice = "2010-11-07T03:00:00Z".parse().unwrap();
        assert_eq!(st_johns.0.to_datetime(shown_twice).date(), date(2010, 11, 6));
        assert_eq!(st_johns.day_of(shown_twice).date, date(2010, 11, 7));
    }

    #[test]
    fn a_zone_is_an_iana_name_in_any_letter_case() {
        assert_eq!(zone(" europe/BERLIN ").name(), "Europe/Berlin");
        assert_eq!(zone("utc").name(), "UTC");
        for bad in ["", "Local", "Etc/Unknown", "+02:00", "CET-1CEST", "Europe/Atlantis", "../UTC"] {
            assert_eq!(Zone::parse(bad), Err(FaultReason::UnknownTimeZone), "{bad:?}");
        }
    }

    #[test]
    fn an_instant_is_rfc_3339_with_an_offset_and_in_range() {
        for (text, expected) in [
            ("2026-03-29T10:00:00Z", "2026-03-29T10:00:00Z"),
            ("2026-03-29t10:00:00.1234569+02:00", "2026-03-29T08:00:00.123456Z"),
            ("1970-01-01T00:00:00-00:00", "1970-01-01T00:00:00Z"),
            ("2026-03-29T10:00:00+23:59", "2026-03-28T10:01:00Z"),
            ("2026-03-29T10:00:00-23:59", "2026-03-30T09:59:00Z"),
        ] {
            assert_eq!(parse_instant(text).unwrap().to_string(), expected, "{text}");
        }
        for text in [
            "",
            "now",
            "2026-03-29",
            "2026-03-29T10:00:00",
            "2026-03-29 10:00:00Z",
            "2026-03-29T10:00Z",
            "2026-13-01T00:00:00Z",
            "20260329T100000Z",
            "2026-03-29T10:00:00+02",
            "2026-03-29T10:00:00.Z",
            "2026-03-29T10:00:00+02:00[Europe/Berlin]",
            "2026-03-29T10:00:00+24:00",
            "2026-03-29T10:00:00-25:59",
            "2026-03-29T10:00:00+02:60",
            "2026-03-29T24:00:00Z",
            "2026-03-29T10:60:00Z",
            "2026-03-29T10:00:61Z",
            "9999-12-32T23:59:59Z",
            "٢٠26-03-29T10:00:00Z",
        ] {
            assert_eq!(parse_instant(text), Err(FaultReason::NotAnInstant), "{text:?}");
        }
        for text in ["1969-12-31T23:59:59Z", "2200-01-01T00:00:00Z", "9998-12-31T23:59:59Z"] {
            assert_eq!(parse_instant(text), Err(FaultReason::InstantOutOfRange), "{text:?}");
        }
        // Outside of jiff's range.
        for text in ["9999-12-31T23:59:59Z", "9999-12-31T23:59:59.999999999-23:59", "0000-01-01T00:00:00+23:59"] {
            assert_eq!(parse_instant(text), Err(FaultReason::InstantOutOfRange), "{text:?}");
        }
    }

    #[test]
    fn second_60_is_accepted_in_a_leap_second_only() {
        for (text, expected) in [
            ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z"),
            ("2016-12-31T23:59:60.25Z", "2016-12-31T23:59:59.25Z"),
            ("2015-07-01T01:59:60+02:00", "2015-06-30T23:59:59Z"),
            ("1972-06-30T18:59:60-05:00", "1972-06-30T23:59:59Z"),
        ] {
            assert_eq!(parse_instant(text).map(|at| at.to_string()).as_deref(), Ok(expected), "{text}");
        }
        for text in [
            "2026-03-29T10:00:60Z",
            "2016-12-31T23:58:60Z",
            "2016-12-31T23:59:60+01:00",
            "2016-12-30T23:59:60Z",
            "2016-06-30T23:59:60Z",
            "2017-12-31T23:59:60Z",
            "2026-12-31T23:59:60Z",
        ] {
            assert_eq!(parse_instant(text), Err(FaultReason::NotAnInstant), "{text}");
        }
        let seconds: usize = LEAP_SECONDS.iter().map(|(_, months)| months.len()).sum();
        assert_eq!(seconds, 27, "so many were inserted from 1972 to 2016");
    }

    #[test]
    fn a_day_has_one_form_and_is_in_range() {
        for text in ["1970-01-01", "2028-02-29", "2199-12-31"] {
            assert_eq!(parse_day(text).unwrap().to_string(), text);
        }
        for text in [
            "",
            "today",
            "20260329",
            "2026-3-29",
            "2026-03-29T00:00:00Z",
            " 2026-03-29",
            "2026-03-29 ",
            "2026-03-32",
            "2027-02-29",
            "1969-12-31",
            "2200-01-01",
            "9999-12-31",
            "-002026-03-29",
            "٢٠26-03-29",
        ] {
            assert_eq!(parse_day(text), Err(FaultReason::NotADay), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn every_instant_is_in_the_window_of_exactly_one_day(
            second in STARTS_AT_MIN.as_second()..STARTS_AT_MAX.as_second(),
            name in proptest::sample::select(vec![
                "UTC", "Europe/Berlin", "America/New_York", "America/St_Johns", "America/Havana", "America/Sao_Paulo", "Pacific/Apia",
                "Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu", "Australia/Lord_Howe", "Africa/Monrovia",
            ]),
        ) {
            let at = Timestamp::from_second(second).unwrap();
            let day = zone(name).day_of(at);
            prop_assert!(day.start <= at && at < day.end);
            prop_assert_eq!(day.next().start, day.end);
            prop_assert_eq!(&zone(name).day(day.date), &day);
        }
    }

    #[test]
    fn zones_are_equal_by_their_names_and_displayed_by_them() {
        assert_eq!(zone("europe/berlin"), zone("Europe/Berlin"));
        assert_ne!(zone("Europe/Berlin"), zone("Europe/Paris"));
        assert_eq!(zone("europe/berlin").to_string(), "Europe/Berlin");
    }
}
