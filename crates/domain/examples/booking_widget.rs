//! A booking widget: a month in which the full days cannot be chosen.
//!
//! Run it with `cargo run -p domain --example booking_widget`.

use domain::{Date, EffectiveLimits, Metric, PlanCatalog, Timestamp, Zone, rules};

fn main() {
    let zone = Zone::parse("Europe/Berlin").expect("the zone is in the IANA database");
    let now: Timestamp = "2026-03-12T08:30:00Z".parse().expect("the text is an instant");
    let catalog = PlanCatalog::builtin();
    let plan = catalog.find("basic").expect("the catalogue has this plan");

    // What your own storage counts: days that have bookings, in order.
    let booked: Vec<(Date, u64)> = [("2026-03-12", 5), ("2026-03-13", 5), ("2026-03-14", 4), ("2026-03-20", 5)]
        .map(|(day, count)| (day.parse().expect("the text is a date"), count))
        .into();

    let today = zone.day_of(now);
    let limit = plan.limit(&Metric::BOOKINGS_PER_DAY);
    println!("March 2026, plan {}: {limit} bookings a day ({zone})", plan.name);
    print_month(today.date, plan.into(), &booked);
    match rules::next_allowed_day(&today, limit, 1, &booked, rules::LOOK_AHEAD_DAYS_MAX) {
        Some(day) => println!("The next free day after today is {day}."),
        None => println!("No day is free within a year."),
    }
}

/// Prints the month of `today` from Monday to Sunday: past days as `..`, full days as `##`.
fn print_month(today: Date, limits: EffectiveLimits<'_>, booked: &[(Date, u64)]) {
    println!("Mo Tu We Th Fr Sa Su");
    let first = today.first_of_month();
    let mut line = "   ".repeat(usize::try_from(first.weekday().to_monday_zero_offset()).unwrap_or(0));
    let days = std::iter::successors(Some(first), |day| day.tomorrow().ok());
    for day in days.take_while(|day| day.month() == first.month()) {
        let count = booked.iter().find(|(date, _)| *date == day).map_or(0, |(_, count)| *count);
        let is_full = rules::check_daily_booking_limit(limits, count, 1).is_err();
        let cell = match (day < today, is_full) {
            (true, _) => "..".to_owned(),
            (false, true) => "##".to_owned(),
            (false, false) => day.day().to_string(),
        };
        line.extend([&format!("{cell:>2}"), " "]);
        if day.weekday().to_monday_one_offset() == 7 || day == first.last_of_month() {
            println!("{}", line.trim_end());
            line.clear();
        }
    }
}
