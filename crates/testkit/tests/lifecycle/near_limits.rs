//! The accounts near a limit: how many are examined for a page, and where the next one begins.

use domain::error::StorageError;
use domain::ports::{Page, ReadTx, Store, WriteTx};
use domain::use_cases::{self, EXAMINED_ACCOUNTS_MAX, NearLimits};
use domain::{AccountId, PlanCatalog, Ratio, Subscription};
use testkit::fixtures::{CountingIds, NOW, account, plan_key, staff_member, subscription};
use testkit::{MemoryStore, block_on};

/// A store with this many accounts on `basic`; those that `is_full` says have two staff members,
/// which the plan permits. All accounts, the newest first.
fn filled(count: usize, is_full: impl Fn(usize) -> bool) -> (MemoryStore, Vec<AccountId>) {
    let (store, ids) = (MemoryStore::default(), CountingIds::default());
    let mut accounts: Vec<AccountId> = (0..count).map(|_| ids.account()).collect();
    let rows: Vec<(AccountId, Subscription, _)> = accounts
        .iter()
        .enumerate()
        .map(|(number, id)| {
            let staff = if is_full(number) { 2 } else { 1 };
            let members: Vec<_> = (0..staff).map(|_| staff_member(*id, ids.staff())).collect();
            (*id, subscription(ids.subscription(), plan_key("basic")), members)
        })
        .collect();
    let insert = move |tx: &mut dyn WriteTx| {
        rows.iter().try_for_each(|(id, subscription, members)| {
            tx.insert_account(&account(*id))?;
            tx.put_subscription(*id, Some(subscription), 2)?;
            members.iter().try_for_each(|member| tx.insert_staff_member(member))
        })
    };
    block_on(store.write::<_, StorageError>(insert)).expect("the rows are new");
    accounts.reverse();
    (store, accounts)
}

/// A page: the listed accounts, and where the next one begins.
fn page(store: &MemoryStore, after: Option<AccountId>, max: usize) -> (Vec<AccountId>, Option<AccountId>) {
    let catalog = PlanCatalog::builtin();
    let list = move |tx: &mut dyn ReadTx| {
        use_cases::list_near_limits(tx, &catalog, catalog.metrics(), Ratio::MAX, after, max, NOW)
    };
    let Page { items, next } = block_on(store.read(list)).expect("the store reads");
    (items.iter().map(|it: &NearLimits| it.account.id).collect(), next)
}

#[test]
fn a_page_examines_a_bounded_number_of_accounts() {
    let count = 2 * EXAMINED_ACCOUNTS_MAX + 1;
    // The oldest one alone.
    let (store, accounts) = filled(count, |number| number == 0);
    let (first, second) = (accounts[EXAMINED_ACCOUNTS_MAX - 1], accounts[2 * EXAMINED_ACCOUNTS_MAX - 1]);
    assert_eq!(page(&store, None, 1), (vec![], Some(first)));
    assert_eq!(page(&store, Some(first), 1), (vec![], Some(second)));
    assert_eq!(page(&store, Some(second), 1), (vec![accounts[count - 1]], None));
    let (store, accounts) = filled(EXAMINED_ACCOUNTS_MAX, |number| number == 0);
    assert_eq!(page(&store, None, 1), (vec![accounts[EXAMINED_ACCOUNTS_MAX - 1]], None), "a full last page");
}

#[test]
fn a_page_examines_fewer_accounts_for_many_metrics() {
    let (store, accounts) = filled(120, |number| number == 0);
    let builtin = PlanCatalog::builtin();
    for (metrics, examined) in [(2, 120), (5, 100), (20, 28), (41, 14), (1_000, 1)] {
        let metrics: Vec<_> = builtin.metrics().iter().cycle().take(metrics).cloned().collect();
        let catalog = builtin.clone();
        let list =
            move |tx: &mut dyn ReadTx| use_cases::list_near_limits(tx, &catalog, &metrics, Ratio::MAX, None, 1, NOW);
        let next = block_on(store.read(list)).expect("the store reads").next;
        let expected = (examined < accounts.len()).then(|| accounts[examined - 1]);
        assert_eq!(next, expected, "{examined}");
    }
}

#[test]
fn pages_list_each_account_near_a_limit_once() {
    let (store, accounts) = filled(130, |number| number % 3 == 0);
    let expected: Vec<AccountId> = accounts.iter().rev().step_by(3).rev().copied().collect();
    for max in [1, 2, 7, 100] {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let (items, next) = page(&store, after, max);
            assert!(items.len() <= max, "a page of {max} has {}", items.len());
            all.extend(items);
            if next.is_none() {
                break;
            }
            assert!(after.is_none() || next < after, "a page ends where it begins");
            after = next;
        }
        assert_eq!(all, expected, "{max}");
    }
}
