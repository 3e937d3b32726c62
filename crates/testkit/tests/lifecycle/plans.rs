//! Subscribing, changing and ending, immediately and at the end of a billing period.

use domain::error::{BookingError, SubscribeError};
use domain::rules::SubscriptionRequired;
use domain::{Ending, PlanChange, PlanChoice, PlanKey, Subscription, Timestamp, Timing, use_cases};
use testkit::fixtures::{NOW, choice, instant, plan_key};

use super::{MICROSECOND, Salon, word};

/// The end of the billing period of a subscription started at [`NOW`] in UTC.
const PERIOD_END: Timestamp = Timestamp::constant(1_776_643_200, 0);

pub(super) fn subscribe(salon: &Salon, choice: PlanChoice, now: Timestamp) -> Result<PlanChange, SubscribeError> {
    let new = salon.ids.new_change(now);
    salon.write(move |tx, catalog, account| use_cases::subscribe(tx, catalog, account, &choice, false, &new))
}

fn unsubscribe(salon: &Salon, timing: Timing, now: Timestamp) -> Result<(Subscription, bool), SubscribeError> {
    let (ending, new) = (Ending { timing, reason: None }, salon.ids.new_change(now));
    salon.write(move |tx, catalog, account| use_cases::unsubscribe(tx, catalog, account, &ending, &new))
}

fn cancel(salon: &Salon, now: Timestamp) -> Result<Option<Subscription>, SubscribeError> {
    salon.write(move |tx, catalog, account| use_cases::cancel_scheduled_change(tx, catalog, account, now))
}

pub(super) fn later(plan: &str) -> PlanChoice {
    PlanChoice { timing: Timing::PeriodEnd, ..choice(plan) }
}

fn found(salon: &Salon, now: Timestamp) -> Option<Subscription> {
    salon.write(move |tx, catalog, account| use_cases::find_subscription(tx, catalog, account, now)).ok()
}

/// The plan of the account.
fn plan(salon: &Salon, now: Timestamp) -> Option<PlanKey> {
    found(salon, now).map(|it| it.plan)
}

/// The history at `now`, newest first: from, to, when.
fn changes(salon: &Salon, now: Timestamp) -> Vec<(Option<PlanKey>, Option<PlanKey>, Timestamp)> {
    salon.history(now).into_iter().map(|change| (change.from, change.to, change.at)).collect()
}

fn at_most(limit: u64) -> PlanKey {
    plan_key(&format!("at-most-{limit}"))
}

#[test]
fn an_immediate_change_takes_effect_at_its_instant() {
    let (salon, later) = (Salon::on(1), NOW + MICROSECOND);
    let begun = found(&salon, NOW).expect("it has begun");
    let change = subscribe(&salon, choice("AT-MOST-3 "), later);
    let changed = Subscription { plan: plan_key("at-most-3"), plan_since: later, ..begun.clone() };
    assert_eq!(change, Ok(PlanChange::Changed(changed.clone())));
    assert_eq!((begun.created_at, found(&salon, later)), (NOW, Some(changed)));
    assert_eq!(changes(&salon, later), [(Some(at_most(1)), Some(at_most(3)), later), (None, Some(at_most(1)), NOW)]);
}

#[test]
fn the_first_plan_always_starts_immediately() {
    for choice in [later("at-most-2"), choice("at-most-2")] {
        let salon = Salon::open();
        let Ok(PlanChange::Started(begun)) = subscribe(&salon, choice, NOW) else { panic!("it has not begun") };
        assert_eq!((begun.plan_since, begun.scheduled.as_ref()), (NOW, None));
        assert_eq!((found(&salon, NOW), changes(&salon, NOW)), (Some(begun), vec![(None, Some(at_most(2)), NOW)]));
    }
}

#[test]
fn the_current_plan_changes_nothing_and_keeps_the_schedule() {
    let salon = Salon::on(1);
    for has_scheduled in [false, true] {
        if has_scheduled {
            assert!(matches!(subscribe(&salon, later("at-most-2"), NOW), Ok(PlanChange::Scheduled(_))));
        }
        let before = (found(&salon, NOW).expect("there is one"), changes(&salon, NOW));
        assert_eq!(before.0.scheduled.is_some(), has_scheduled);
        for choice in [choice("at-most-1"), later("At-Most-1")] {
            assert_eq!(subscribe(&salon, choice, NOW), Ok(PlanChange::Unchanged(before.0.clone())));
        }
        assert_eq!((found(&salon, NOW).expect("there is one"), changes(&salon, NOW)), before);
    }
}

#[test]
fn an_unknown_plan_and_a_removed_account_are_refused() {
    let salon = Salon::on(1);
    assert_eq!(subscribe(&salon, choice("gold"), NOW), Err(SubscribeError::UnknownPlan));
    let removed = salon.write(|tx, _, account| use_cases::remove_account(tx, account, |_| true, NOW));
    assert_eq!(removed, Ok(true));
    assert_eq!(subscribe(&salon, choice("gold"), NOW), Err(SubscribeError::AccountNotFound));
    assert_eq!(unsubscribe(&salon, Timing::Immediate, NOW), Err(SubscribeError::AccountNotFound));
    assert_eq!(cancel(&salon, NOW), Err(SubscribeError::AccountNotFound));
}

#[test]
fn a_scheduled_change_takes_effect_at_the_end_of_the_period() {
    let day = "2026-04-20T12:00:00Z";
    for (to, expected) in [(Some("at-most-2"), ["full", "changed", "full"]), (None, ["full", "no plan", "no plan"])] {
        let salon = Salon::on(1);
        salon.book(day);
        match to {
            Some(plan) => drop(subscribe(&salon, later(plan), NOW).expect("there is the plan")),
            None => drop(unsubscribe(&salon, Timing::PeriodEnd, NOW).expect("there is a plan to leave")),
        }
        let booked = [PERIOD_END - MICROSECOND, PERIOD_END, PERIOD_END + MICROSECOND]
            .map(|now| word(&salon.try_to_book(day, now).map(|booking| (booking, true))));
        assert_eq!(booked, expected, "{to:?}");
        assert_eq!(plan(&salon, PERIOD_END - MICROSECOND), Some(at_most(1)));
        assert_eq!(plan(&salon, PERIOD_END), to.map(plan_key));
    }
}

#[test]
fn a_newer_request_replaces_a_scheduled_one() {
    let salon = Salon::on(1);
    let scheduled = |now| found(&salon, now).and_then(|it| it.scheduled).map(|change| (change.to, change.at));
    for (to, expected) in [(Some("at-most-2"), Some(at_most(2))), (Some("at-most-3"), Some(at_most(3))), (None, None)] {
        match to {
            Some(plan) => drop(subscribe(&salon, later(plan), NOW).expect("there is the plan")),
            None => drop(unsubscribe(&salon, Timing::PeriodEnd, NOW).expect("there is a plan to leave")),
        }
        assert_eq!(scheduled(NOW), Some((expected, PERIOD_END)));
    }
    subscribe(&salon, choice("at-most-2"), NOW).expect("there is the plan");
    assert_eq!(scheduled(NOW), None);
    let history = [(Some(at_most(1)), Some(at_most(2)), NOW), (None, Some(at_most(1)), NOW)];
    assert_eq!(changes(&salon, PERIOD_END), history);
}

#[test]
fn an_immediate_end_cancels_the_schedule_and_loses_nothing() {
    let salon = Salon::on(1);
    salon.book("2026-03-21T12:00:00Z");
    let begun = found(&salon, NOW).expect("there is one");
    subscribe(&salon, later("at-most-3"), NOW).expect("there is the plan");
    assert_eq!(unsubscribe(&salon, Timing::Immediate, NOW), Ok((begun.clone(), true)));
    assert_eq!(salon.counts(["2026-03-21"]), [1]);
    for now in [NOW, PERIOD_END] {
        assert_eq!(plan(&salon, now), None);
        assert!(matches!(salon.try_to_book("2026-03-22T12:00:00Z", now), Err(BookingError::Admission(_))));
        assert_eq!(changes(&salon, now), [(Some(at_most(1)), None, NOW), (None, Some(at_most(1)), NOW)]);
        assert_eq!(unsubscribe(&salon, Timing::PeriodEnd, now), Err(SubscriptionRequired.into()));
    }
    let Ok(PlanChange::Started(again)) = subscribe(&salon, choice("at-most-1"), PERIOD_END) else { panic!("no start") };
    assert!((again.created_at, again.plan_since) == (PERIOD_END, PERIOD_END) && again.id != begun.id);
    let refused = salon.try_to_book("2026-03-21T12:00:00Z", PERIOD_END).map(|booking| (booking, true));
    assert_eq!(word(&refused), "full", "the day is as full as it was");
}

#[test]
fn a_scheduled_change_can_be_cancelled_until_it_takes_effect() {
    for (now, is_kept) in [(NOW, true), (PERIOD_END - MICROSECOND, true), (PERIOD_END, false)] {
        let salon = Salon::on(1);
        let begun = found(&salon, NOW);
        assert_eq!(cancel(&salon, NOW), Ok(None));
        subscribe(&salon, later("at-most-2"), NOW).expect("there is the plan");
        assert_eq!(cancel(&salon, now), Ok(begun.filter(|_| is_kept)), "{now}");
        assert_eq!(cancel(&salon, now), Ok(None), "{now}");
        assert_eq!(plan(&salon, PERIOD_END), Some(at_most(if is_kept { 1 } else { 2 })), "{now}");
        assert_eq!(changes(&salon, PERIOD_END).len(), if is_kept { 1 } else { 2 }, "{now}");
    }
}

#[test]
fn a_due_change_is_recorded_once_by_the_next_write() {
    type Next = fn(&Salon, Timestamp) -> bool;
    let week_later = instant("2026-04-27T00:00:00Z");
    let settled = [(Some(at_most(1)), Some(at_most(2)), PERIOD_END), (None, Some(at_most(1)), NOW)];
    // Whether the next request succeeds, and what it adds to the history.
    let nexts: [(&str, Next, Option<Option<PlanKey>>); 5] = [
        ("a plan", |salon, now| subscribe(salon, choice("at-most-3"), now).is_ok(), Some(Some(at_most(3)))),
        ("a plan later", |salon, now| subscribe(salon, later("at-most-1"), now).is_ok(), None),
        ("the plan it is on by now", |salon, now| subscribe(salon, choice("at-most-2"), now).is_ok(), None),
        ("none", |salon, now| unsubscribe(salon, Timing::Immediate, now).is_ok(), Some(None)),
        ("none later", |salon, now| unsubscribe(salon, Timing::PeriodEnd, now).is_ok(), None),
    ];
    for (request, next, added) in nexts {
        let salon = Salon::on(1);
        subscribe(&salon, later("at-most-2"), NOW).expect("there is the plan");
        assert_eq!(changes(&salon, PERIOD_END - MICROSECOND), settled[1..]);
        // The change is not stored yet, and every read returns it.
        let (untouched, before) = (changes(&salon, week_later), salon.history(week_later));
        assert_eq!(untouched, settled);
        assert!(next(&salon, week_later), "{request}");
        let expected: Vec<_> =
            added.map(|to| (Some(at_most(2)), to, week_later)).into_iter().chain(settled.clone()).collect();
        assert_eq!(changes(&salon, week_later), expected, "{request}");
        assert!(salon.history(week_later).ends_with(&before), "{request}: the entry is the one that it was");
    }
}

#[test]
fn a_page_of_the_history_begins_after_the_last_of_the_page_before() {
    let (salon, at) = (Salon::on(1), NOW + MICROSECOND);
    subscribe(&salon, later("at-most-3"), at).expect("the plan is known");
    // The last change has taken effect, and is not stored yet.
    let history = salon.history(PERIOD_END);
    assert_eq!(history.len(), 2);
    let page = |after: Option<usize>, max| {
        let after = after.map(|index| history[index].id);
        let page = salon.write(move |tx, catalog, account| {
            use_cases::list_subscription_changes(tx, catalog, account, after, max, PERIOD_END)
        });
        page.expect("the account exists")
    };
    assert_eq!(page(None, 1), history[..1]);
    assert_eq!(page(None, 2), history);
    assert_eq!(page(Some(0), 2), history[1..]);
    assert_eq!(page(Some(1), 2), []);
}
