//! Windows of counters: the span of time in which a counter counts, and the label under which it is
//! stored. Nothing resets a counter: each window has one of its own.

use jiff::civil::{Date, Time};
use jiff::tz::Offset;
use jiff::{RoundMode, SignedDuration, Timestamp, TimestampRound, ToSpan, Unit};

use crate::words::words;
use crate::{Span, Subscription, Zone};

words!(
    /// The span of time in which a counter counts. The next window begins where one ends.
    Window {
        /// A minute of elapsed time.
        Minute = "minute",
        /// An hour of elapsed time, aligned to UTC: a clock change neither doubles nor drops one.
        Hour = "hour",
        /// A [business day](crate::BusinessDay) in the account's time zone.
        Day = "day",
        /// An ISO week, from Monday, in the account's time zone.
        Week = "week",
        /// A calendar month in the account's time zone.
        Month = "month",
        /// A calendar year in the account's time zone.
        Year = "year",
        /// The [billing period](Subscription::period_at) of the subscription.
        Period = "period",
        /// All time.
        Lifetime = "lifetime",
    }
);

impl Window {
    /// The window that contains `at`; `None` if it has no end, or is a period without a
    /// subscription. Instants before the subscription count in its first period.
    ///
    /// ```
    /// use domain::{Window, Zone};
    ///
    /// let berlin = Zone::parse("Europe/Berlin").unwrap();
    /// let month = Window::Month.at("2026-03-31T21:59:59Z".parse().unwrap(), &berlin, None).unwrap();
    /// assert_eq!(month.start.to_string(), "2026-02-28T23:00:00Z");
    /// assert_eq!(month.end.to_string(), "2026-03-31T22:00:00Z"); // the clocks went forward
    /// ```
    #[must_use]
    pub fn at(self, at: Timestamp, zone: &Zone, subscription: Option<&Subscription>) -> Option<Span> {
        self.span(&Occurrence::new(at, zone, subscription), zone, subscription)
    }

    /// The window of an occurrence, in an account with this time zone and subscription; `None` as
    /// for [`Window::at`].
    #[must_use]
    pub fn span(self, occurrence: &Occurrence, zone: &Zone, subscription: Option<&Subscription>) -> Option<Span> {
        let calendar = |(first, next)| Some(Span { start: zone.day(first).start, end: zone.day(next).start });
        match self {
            Self::Minute => Some(minute(occurrence.at)),
            Self::Hour => Some(hour(occurrence.at)),
            Self::Day => calendar(day(occurrence.day)),
            Self::Week => calendar(week(occurrence.day)),
            Self::Month => calendar(month(occurrence.day)),
            Self::Year => calendar(year(occurrence.day)),
            Self::Period => subscription.map(|it| it.period_at(zone, occurrence.at)),
            Self::Lifetime => None,
        }
    }
}

/// The window of a limit in an account's time zone.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct LimitWindow {
    /// The kind.
    pub window: Window,
    /// The label of its counter.
    pub label: Timestamp,
    /// The time that it spans.
    pub span: Span,
    /// The time zone.
    pub zone: Zone,
}

/// An instant as counters see it. It determines the window of every kind once: a later change of
/// the account's time zone or subscription moves nothing to another window.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Occurrence {
    /// The instant.
    pub at: Timestamp,
    /// The business day in the account's time zone.
    pub day: Date,
    /// The label of the subscription's period: its first day, if the account were in UTC.
    pub period: Option<Date>,
}

impl Occurrence {
    /// What happens at `at` in an account with this time zone and subscription.
    #[must_use]
    pub fn new(at: Timestamp, zone: &Zone, subscription: Option<&Subscription>) -> Self {
        Self { at, day: zone.day_of(at).date, period: subscription.map(|it| it.period_label_at(zone, at)) }
    }

    /// What happens on `day`, at its beginning, in an account with this time zone and subscription.
    #[must_use]
    pub fn on(day: Date, zone: &Zone, subscription: Option<&Subscription>) -> Self {
        Self { day, ..Self::new(zone.day(day).start, zone, subscription) }
    }

    /// The label of the window: the key of its counter. `None` for a period without a subscription.
    ///
    /// The label of a minute or an hour is its start, that of another window is its first day
    /// [written in UTC](window_of_day). So labels do not depend on the account's time zone, and a
    /// change of the zone or of the plan restarts no counter.
    ///
    /// ```
    /// use domain::{Occurrence, Window, Zone};
    ///
    /// let tokyo = Zone::parse("Asia/Tokyo").unwrap();
    /// let occurrence = Occurrence::new("2026-03-31T15:00:00Z".parse().unwrap(), &tokyo, None);
    /// assert_eq!(occurrence.window_start(Window::Month).unwrap().to_string(), "2026-04-01T00:00:00Z");
    /// assert_eq!(occurrence.window_start(Window::Week).unwrap().to_string(), "2026-03-30T00:00:00Z");
    /// assert_eq!(occurrence.window_start(Window::Period), None);
    /// ```
    #[must_use]
    pub fn window_start(&self, window: Window) -> Option<Timestamp> {
        match window {
            Window::Minute => Some(minute(self.at).start),
            Window::Hour => Some(hour(self.at).start),
            Window::Day => Some(window_of_day(day(self.day).0)),
            Window::Week => Some(window_of_day(week(self.day).0)),
            Window::Month => Some(window_of_day(month(self.day).0)),
            Window::Year => Some(window_of_day(year(self.day).0)),
            Window::Period => self.period.map(window_of_day),
            Window::Lifetime => Some(UNBOUNDED),
        }
    }
}

/// The label of a window without bounds: of [`Window::Lifetime`], and of a metric that counts what
/// exists.
pub const UNBOUNDED: Timestamp = Timestamp::UNIX_EPOCH;

/// The label of the window that begins on `day`: its midnight, written as if it were in UTC.
#[must_use]
pub fn window_of_day(day: Date) -> Timestamp {
    Offset::UTC.to_timestamp(day.to_datetime(Time::midnight())).unwrap_or(Timestamp::MIN)
}

/// The inverse of [`window_of_day`].
#[must_use]
pub fn day_of_window(window_start: Timestamp) -> Date {
    Offset::UTC.to_datetime(window_start).date()
}

fn minute(at: Timestamp) -> Span {
    elapsed(at, Unit::Minute, SignedDuration::from_mins(1))
}

fn hour(at: Timestamp) -> Span {
    elapsed(at, Unit::Hour, SignedDuration::from_hours(1))
}

fn elapsed(at: Timestamp, unit: Unit, length: SignedDuration) -> Span {
    // A negative timestamp is rounded down, too, not towards the epoch.
    let down = TimestampRound::new().smallest(unit).mode(RoundMode::Floor);
    let start = at.round(down).unwrap_or(Timestamp::MIN);
    Span { start, end: start.checked_add(length).unwrap_or(Timestamp::MAX) }
}

// The first day of the window that contains `date`, and the first day of the next window:

fn day(date: Date) -> (Date, Date) {
    (date, date.saturating_add(1.day()))
}

fn week(date: Date) -> (Date, Date) {
    let monday = date.saturating_sub(date.weekday().to_monday_zero_offset().days());
    (monday, monday.saturating_add(1.week()))
}

fn month(date: Date) -> (Date, Date) {
    let first = date.first_of_month();
    (first, first.saturating_add(1.month()))
}

fn year(date: Date) -> (Date, Date) {
    let first = date.first_of_year();
    (first, first.saturating_add(1.year()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::change_plan;
    use crate::{
        NewChange, PlanCatalog, Requested, STARTS_AT_MAX, STARTS_AT_MIN, SubscriptionChangeId, SubscriptionId, UserId,
        Uuid,
    };
    use jiff::civil::date;
    use jiff::tz;
    use proptest::prelude::*;
    use std::collections::HashSet;

    const CALENDAR_WINDOWS: [Window; 5] = [Window::Day, Window::Week, Window::Month, Window::Year, Window::Period];

    fn instant(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn zone(name: &str) -> Zone {
        Zone::parse(name).unwrap()
    }

    fn subscribed(current: Option<&Subscription>, plan: &str, at: Timestamp) -> Subscription {
        let new = NewChange {
            subscription_id: SubscriptionId::from_uuid(Uuid::nil()),
            id: SubscriptionChangeId::from_uuid(Uuid::nil()),
            requested: Requested { by: UserId::from_uuid(Uuid::nil()), at, reason: None },
        };
        change_plan(current, PlanCatalog::builtin().find(plan).unwrap(), at, &new).subscription().clone()
    }

    /// The span and the label of the window that contains `at`, which agree with each other.
    fn window(window: Window, at: Timestamp, zone: &Zone, subscription: &Subscription) -> (Span, Timestamp) {
        let span = window.at(at, zone, Some(subscription)).unwrap();
        assert!(span.contains(at), "{window} {zone} {at}: {span:?}");
        (span, Occurrence::new(at, zone, Some(subscription)).window_start(window).unwrap())
    }

    /// Follows the windows from the one that contains `from` to the one that contains `to`.
    fn assert_tiled(kind: Window, zone: &Zone, subscription: &Subscription, from: Timestamp, to: Timestamp) {
        let (mut span, mut label) = window(kind, from, zone, subscription);
        while !span.contains(to) {
            let last = span.end - SignedDuration::from_nanos(1);
            assert_eq!(window(kind, last, zone, subscription), (span, label), "{kind} {zone}: the end of a window");
            let (next, next_label) = window(kind, span.end, zone, subscription);
            assert_eq!(next.start, span.end, "{kind} {zone}: a gap or an overlap");
            assert!(label < next_label, "{kind} {zone} {next:?}: the label {next_label} is not after {label}");
            (span, label) = (next, next_label);
        }
    }

    /// The zones of the IANA database, without those that are like another one between two
    /// instants: most names of today have the clock of one of about seventy.
    fn zones_between(from: Timestamp, to: Timestamp) -> Vec<(Zone, Vec<Timestamp>)> {
        let mut seen = HashSet::new();
        let zones = tz::db().available().filter_map(|name| {
            let rules = tz::TimeZone::get(name.as_str()).unwrap();
            let changes = rules.following(from).take_while(|it| it.timestamp() < to);
            let changes: Vec<_> = changes.map(|it| (it.timestamp(), it.offset().seconds())).collect();
            let is_new = seen.insert((rules.to_offset(from).seconds(), changes.clone()));
            is_new.then(|| (zone(name.as_str()), changes.into_iter().map(|(at, _)| at).collect()))
        });
        zones.collect()
    }

    #[test]
    fn windows_of_every_zone_tile_time() {
        // From a few weeks before, so that what the clocks showed before `from` is alike, too.
        let (from, to) = (instant("2026-01-01T12:00:00Z"), instant("2027-02-05T12:00:00Z"));
        let zones =
            zones_between(from - SignedDuration::from_hours(40 * 24), to + SignedDuration::from_hours(366 * 24));
        assert!((50..200).contains(&zones.len()), "{}", zones.len());
        let subscription = subscribed(None, "basic", instant("2025-12-31T08:00:00Z"));
        for (zone, changes) in &zones {
            for kind in CALENDAR_WINDOWS {
                assert_tiled(kind, zone, &subscription, from, to);
            }
            for change in changes {
                let (minutes, hours) = (SignedDuration::from_mins(3), SignedDuration::from_hours(3));
                assert_tiled(Window::Minute, zone, &subscription, *change - minutes, *change + minutes);
                assert_tiled(Window::Hour, zone, &subscription, *change - hours, *change + hours);
            }
        }
    }

    #[test]
    fn windows_tile_time_where_clocks_skip_or_repeat_a_date() {
        for (name, from, to) in [
            ("Pacific/Apia", "2011-11-01T00:00:00Z", "2012-02-01T00:00:00Z"),
            ("Pacific/Kwajalein", "1993-08-01T00:00:00Z", "1993-10-01T00:00:00Z"),
            ("Pacific/Kiritimati", "1994-12-01T00:00:00Z", "1995-02-01T00:00:00Z"),
            ("America/St_Johns", "2010-10-20T00:00:00Z", "2010-11-20T00:00:00Z"),
            ("America/Sao_Paulo", "2015-10-01T00:00:00Z", "2016-03-01T00:00:00Z"),
        ] {
            let subscription = subscribed(None, "basic", instant(from));
            for kind in CALENDAR_WINDOWS {
                assert_tiled(kind, &zone(name), &subscription, instant(from), instant(to));
            }
        }
    }

    #[test]
    fn windows_have_the_expected_labels_and_spans() {
        let at = "2026-03-29T21:30:15.5Z";
        for (name, kind, label, start, end) in [
            ("Asia/Kathmandu", Window::Minute, "2026-03-29T21:30:00Z", "2026-03-29T21:30:00Z", "2026-03-29T21:31:00Z"),
            ("Asia/Kathmandu", Window::Hour, "2026-03-29T21:00:00Z", "2026-03-29T21:00:00Z", "2026-03-29T22:00:00Z"),
            ("Europe/Berlin", Window::Day, "2026-03-29T00:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"),
            ("Europe/Berlin", Window::Week, "2026-03-23T00:00:00Z", "2026-03-22T23:00:00Z", "2026-03-29T22:00:00Z"),
            ("Asia/Kathmandu", Window::Week, "2026-03-30T00:00:00Z", "2026-03-29T18:15:00Z", "2026-04-05T18:15:00Z"),
            ("Europe/Berlin", Window::Month, "2026-03-01T00:00:00Z", "2026-02-28T23:00:00Z", "2026-03-31T22:00:00Z"),
            ("America/New_York", Window::Year, "2026-01-01T00:00:00Z", "2026-01-01T05:00:00Z", "2027-01-01T05:00:00Z"),
            ("Europe/Berlin", Window::Period, "2026-02-28T00:00:00Z", "2026-02-27T23:00:00Z", "2026-03-30T22:00:00Z"),
        ] {
            let subscription = subscribed(None, "basic", instant("2026-01-31T12:00:00Z"));
            let expected = (Span { start: instant(start), end: instant(end) }, instant(label));
            assert_eq!(window(kind, instant(at), &zone(name), &subscription), expected, "{name} {kind}");
        }
    }

    #[test]
    fn an_iso_week_may_begin_in_the_year_before() {
        for (day, monday) in [(date(2027, 1, 1), date(2026, 12, 28)), (date(2024, 12, 30), date(2024, 12, 30))] {
            let occurrence = Occurrence { at: Timestamp::UNIX_EPOCH, day, period: None };
            assert_eq!(occurrence.window_start(Window::Week), Some(window_of_day(monday)), "{day}");
        }
    }

    #[test]
    fn a_lifetime_and_a_missing_subscription_have_no_span() {
        let now = instant("2026-03-29T12:00:00Z");
        let subscription = subscribed(None, "basic", now);
        assert_eq!(Window::Lifetime.at(now, &Zone::UTC, Some(&subscription)), None);
        assert_eq!(Window::Period.at(now, &Zone::UTC, None), None);
        let occurrence = Occurrence::new(now, &Zone::UTC, None);
        assert_eq!(occurrence.window_start(Window::Lifetime), Some(UNBOUNDED));
        assert_eq!(occurrence.window_start(Window::Period), None);
    }

    #[test]
    fn a_change_of_plan_or_zone_does_not_restart_the_period() {
        let basic = subscribed(None, "basic", instant("2026-01-31T23:30:00Z"));
        let pro = subscribed(Some(&basic), "pro", instant("2026-03-05T12:00:00Z"));
        assert_ne!(basic.plan, pro.plan);
        for name in ["UTC", "Pacific/Kiritimati", "America/Los_Angeles"] {
            for (at, label) in [
                ("2025-06-01T12:00:00Z", "2026-01-31"), // before the subscription: its first period
                ("2026-02-27T00:00:00Z", "2026-01-31"),
                ("2026-03-05T11:59:59Z", "2026-02-28"),
                ("2026-03-05T12:00:00Z", "2026-02-28"),
                ("2028-03-05T12:00:00Z", "2028-02-29"),
            ] {
                for subscription in [&basic, &pro] {
                    let occurrence = Occurrence::new(instant(at), &zone(name), Some(subscription));
                    assert_eq!(occurrence.period, Some(label.parse().unwrap()), "{name} {at}");
                }
            }
        }
    }

    #[test]
    fn a_window_of_a_day_converts_back_to_the_day() {
        for day in [crate::DAY_MIN, date(2026, 3, 29), crate::DAY_MAX] {
            assert_eq!(day_of_window(window_of_day(day)), day);
        }
        assert_eq!(window_of_day(date(2026, 3, 29)).to_string(), "2026-03-29T00:00:00Z");
    }

    #[test]
    fn windows_at_the_ends_of_time_do_not_overflow() {
        for at in [Timestamp::MIN, Timestamp::MAX, "-000001-12-31T23:59:59.5Z".parse().unwrap()] {
            let occurrence = Occurrence::new(at, &Zone::UTC, None);
            assert!(occurrence.window_start(Window::Minute).unwrap() <= at);
            for kind in Window::ALL {
                assert!(kind.at(at, &Zone::UTC, None).is_none_or(|span| span.start <= at && at <= span.end), "{kind}");
            }
        }
    }

    proptest! {
        #[test]
        fn instants_have_equal_labels_only_in_one_window(
            zone in prop::sample::select(vec!["UTC", "Europe/Berlin", "Pacific/Apia", "Africa/Casablanca", "Asia/Kathmandu"]),
            kind in prop::sample::select(Window::ALL.iter().copied().filter(|it| *it != Window::Lifetime).collect::<Vec<_>>()),
            seconds in STARTS_AT_MIN.as_second() + 40_000_000..STARTS_AT_MAX.as_second(),
            subscribed_before in 0_i64..40_000_000,
            later in prop_oneof![0_i64..200, 0_i64..200_000, 0_i64..40_000_000],
        ) {
            let zone = Zone::parse(zone).unwrap();
            let [subscribed_at, at, later] = [seconds - subscribed_before, seconds, seconds + later]
                .map(|second| Timestamp::from_second(second).unwrap());
            let subscription = subscribed(None, "basic", subscribed_at);
            let ((span, label), (later_span, later_label)) =
                (window(kind, at, &zone, &subscription), window(kind, later, &zone, &subscription));
            prop_assert_eq!(span == later_span, label == later_label);
            prop_assert_eq!(span == later_span, span.contains(later));
            prop_assert_eq!(window(kind, span.end, &zone, &subscription).0.start, span.end);
        }
    }
}
