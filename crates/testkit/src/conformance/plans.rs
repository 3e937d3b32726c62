//! Plans in use, and their accounts.

use domain::ports::Store;
use domain::{AccountId, Charge, Metric, PlanKey, Requested, ScheduledChange, Subscription, UNBOUNDED, UsageRecordId};

use super::{commit, look, open};
use crate::fixtures::{CountingIds, NOW, plan_key, staff_member, subscription, usage_record};

/// Puts an account on a plan.
fn put(store: &impl Store, ids: &CountingIds, account: AccountId, plan: &str) {
    let subscription = subscription(ids.subscription(), plan_key(plan));
    commit(store, move |tx| tx.put_subscription(account, Some(&subscription), 2));
}

/// The plans in use, in a read. A unit of work lists the same.
fn in_use(store: &impl Store) -> Vec<PlanKey> {
    let read = look(store, |tx| tx.list_plans_in_use());
    assert_eq!(commit(store, |tx| tx.list_plans_in_use()), read);
    read
}

/// Regardless of the number of accounts. Accounts without a plan do not matter.
pub fn plans_in_use_are_listed_once_by_ascending_key(store: &impl Store) {
    let ids = CountingIds::default();
    assert_eq!(in_use(store), []);
    open(store, ids.account());
    assert_eq!(in_use(store), []);
    for plan in ["pro", "basic", "pro_2", "pro", "-", "pro-1", "basic", "0", &"z".repeat(64)] {
        put(store, &ids, open(store, ids.account()).id, plan);
    }
    let expected = ["-", "0", "basic", "pro", "pro-1", "pro_2", &"z".repeat(64)];
    assert_eq!(in_use(store), expected.map(plan_key));
}

/// After the last account has left it.
pub fn a_plan_without_accounts_is_not_in_use(store: &impl Store) {
    let ids = CountingIds::default();
    let [first, second] = [(); 2].map(|()| open(store, ids.account()).id);
    put(store, &ids, first, "basic");
    put(store, &ids, second, "basic");
    put(store, &ids, first, "pro");
    assert_eq!(in_use(store), ["basic", "pro"].map(plan_key));
    put(store, &ids, second, "pro");
    assert_eq!(in_use(store), ["pro"].map(plan_key));
}

/// By ascending id, at most `max`, and none on a plan whose key has the same prefix.
pub fn accounts_are_listed_by_their_plan(store: &impl Store) {
    let ids = CountingIds::default();
    let accounts = [(); 6].map(|()| open(store, ids.account()).id);
    for (account, plan) in accounts.into_iter().zip(["pro", "basic", "pro", "pro2", "pro"]) {
        put(store, &ids, account, plan);
    }
    let on = |plan: &str, max| {
        let plan = plan_key(plan);
        look(store, move |tx| tx.list_accounts_on(&plan, max))
    };
    assert_eq!(on("pro", 100), [accounts[0], accounts[2], accounts[4]]);
    assert_eq!(on("pro", 2), [accounts[0], accounts[2]]);
    assert_eq!(on("basic", 1), [accounts[1]]);
    assert_eq!((on("pro", 0), on("gold", 100)), (vec![], vec![]));
    put(store, &ids, accounts[0], "basic");
    assert_eq!((on("pro", 1), on("basic", 100)), (vec![accounts[2]], vec![accounts[0], accounts[1]]));
}

/// Until it takes effect, is replaced or is cancelled. A scheduled end is not a plan.
pub fn a_scheduled_plan_is_in_use(store: &impl Store) {
    let ids = CountingIds::default();
    let accounts = [(); 3].map(|()| open(store, ids.account()).id);
    for account in accounts {
        put(store, &ids, account, "basic");
    }
    for (to, in_use_then, on_pro, on_max) in [
        (Some("pro"), vec!["basic", "pro"], vec![accounts[1]], vec![]),
        (Some("max"), vec!["basic", "max"], vec![], vec![accounts[1]]),
        (None, vec!["basic"], vec![], vec![]),
        // Scheduled for one account, and in force for another.
        (Some("basic"), vec!["basic"], vec![], vec![]),
    ] {
        let requested = Requested { by: ids.user(), at: NOW, reason: None };
        let scheduled = Some(ScheduledChange { id: ids.change(), to: to.map(plan_key), at: NOW, requested });
        let subscription = Subscription { scheduled, ..subscription(ids.subscription(), plan_key("basic")) };
        commit(store, move |tx| tx.put_subscription(accounts[1], Some(&subscription), 3));
        let on = |plan: &str| {
            let plan = plan_key(plan);
            look(store, move |tx| tx.list_accounts_on(&plan, 9))
        };
        assert_eq!(in_use(store), in_use_then.into_iter().map(plan_key).collect::<Vec<_>>());
        assert_eq!((on("pro"), on("max"), on("basic")), (on_pro, on_max, accounts.to_vec()));
    }
    put(store, &ids, accounts[2], "pro");
    let basic = plan_key("basic");
    assert_eq!(look(store, move |tx| tx.list_accounts_on(&basic, 1)), [accounts[0]]);
}

/// Of all accounts and windows. A counter of 0 does not matter.
pub fn metrics_in_use_are_listed_once_by_ascending_key(store: &impl Store) {
    let ids = CountingIds::default();
    let in_use = || {
        let metrics: Vec<Metric> = look(store, |tx| tx.list_metrics_in_use());
        metrics.iter().map(|metric| metric.as_str().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(in_use(), [""; 0]);
    let accounts = [(); 2].map(|()| open(store, ids.account()).id);
    let member = staff_member(accounts[0], ids.staff());
    commit(store, move |tx| tx.insert_staff_member(&member));
    let charge =
        |metric: &str, window_start| Charge { metric: metric.parse().expect("it is a key"), window_start, quantity: 1 };
    for account in accounts {
        let charges = [charge("sms", UNBOUNDED), charge("sms_2", NOW), charge("calls_2", NOW)];
        let record = usage_record(account, UsageRecordId::from_uuid(account.uuid()), "sms", 1);
        commit(store, move |tx| {
            tx.insert_usage_record(&record)?;
            tx.charge(account, record.id.uuid(), &charges, true)
        });
    }
    assert_eq!(in_use(), ["calls_2", "sms", "sms_2", "staff"]);
    for account in accounts {
        commit(store, move |tx| tx.refund(account, account.uuid()));
    }
    assert_eq!(in_use(), ["staff"]);
}
