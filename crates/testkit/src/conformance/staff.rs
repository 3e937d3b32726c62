//! Staff members: lists, updates, removal and restoration.

use domain::ports::Store;
use domain::{AccountId, EmailAddress, StaffMember, Timestamp};

use super::counters::counted;
use super::{assert_refused, commit, look, open};
use crate::fixtures::{CountingIds, NOW, day, instant, name, staff_member};

fn update(store: &impl Store, member: &StaffMember) {
    let member = member.clone();
    commit(store, move |tx| tx.update_staff_member(&member));
}

fn active(store: &impl Store, account: AccountId) -> u64 {
    counted(store, account, day("2026-03-29")).0
}

/// Repeatedly, and with other changes in between.
pub fn a_staff_member_counts_unless_removed(store: &impl Store) {
    let ids = CountingIds::default();
    let [own, other] = [(); 2].map(|()| open(store, ids.account()).id);
    for account in [own, own, other] {
        let member = staff_member(account, ids.staff());
        commit(store, move |tx| tx.insert_staff_member(&member));
    }
    let member = staff_member(own, ids.staff());
    let inserted = member.clone();
    commit(store, move |tx| tx.insert_staff_member(&inserted));
    let removed_at = Some(instant("2026-03-20T10:00:00.000001Z"));
    let email = Some(EmailAddress::parse("ä.b+c@bücher.example").expect("it is an address"));
    for (called, email, deleted_at, expected) in [
        ("Bo", email.clone(), None, 3),
        ("Bo", None, removed_at, 2),
        ("Åsa 美", email, Some(NOW), 2),
        ("Åsa 美", None, None, 3),
        ("Ann", None, removed_at, 2),
        ("Ann", None, None, 3),
    ] {
        let changed = StaffMember { name: name(called), email, deleted_at, ..member.clone() };
        // Another time of creation.
        update(store, &StaffMember { created_at: Timestamp::UNIX_EPOCH, ..changed.clone() });
        let id = changed.id;
        assert_eq!(look(store, move |tx| tx.find_staff_member(own, id)), Some(changed));
        assert_eq!([active(store, own), active(store, other)], [expected, 1]);
    }
}

/// A staff member that is inserted as removed does not count.
pub fn a_staff_member_inserted_as_removed_does_not_count(store: &impl Store) {
    let ids = CountingIds::default();
    let account = open(store, ids.account()).id;
    let removed = StaffMember { deleted_at: Some(NOW), ..staff_member(account, ids.staff()) };
    let back = StaffMember { deleted_at: None, ..removed.clone() };
    commit(store, move |tx| tx.insert_staff_member(&removed));
    assert_eq!(active(store, account), 0);
    update(store, &back);
    assert_eq!(active(store, account), 1);
}

/// The staff member does not exist, is another account's, or the account does not exist.
pub fn an_update_of_an_unknown_staff_member_is_refused(store: &impl Store) {
    let ids = CountingIds::default();
    let [own, other] = [(); 2].map(|()| open(store, ids.account()).id);
    let member = staff_member(own, ids.staff());
    let (id, inserted) = (member.id, member.clone());
    commit(store, move |tx| tx.insert_staff_member(&inserted));
    for (account, id) in [(own, ids.staff()), (other, id), (ids.account(), id)] {
        for deleted_at in [None, Some(NOW)] {
            let unknown = StaffMember { name: name("Bo"), deleted_at, ..staff_member(account, id) };
            assert_refused(store, move |tx| tx.update_staff_member(&unknown));
        }
    }
    assert_eq!(look(store, move |tx| tx.find_staff_member(own, id)), Some(member));
    assert_eq!([active(store, own), active(store, other)], [1, 0]);
}

/// Removed ones only if requested, and none of other accounts.
pub fn staff_is_listed_newest_first_page_by_page(store: &impl Store) {
    let ids = CountingIds::default();
    let [own, other] = [(); 2].map(|()| open(store, ids.account()).id);
    let staff_ids: Vec<_> = (0..9).map(|_| ids.staff()).collect();
    let member = |position: usize| StaffMember {
        deleted_at: Some(NOW).filter(|_| [1, 2, 8].contains(&position)),
        ..staff_member(if position == 4 { other } else { own }, staff_ids[position])
    };
    for position in [3, 0, 8, 5, 4, 7, 1, 6, 2] {
        let (member, active) = (member(position), staff_member(member(position).account_id, staff_ids[position]));
        commit(store, move |tx| tx.insert_staff_member(&active));
        update(store, &member);
    }
    for (include_deleted, positions) in [(false, &[7, 6, 5, 3, 0][..]), (true, &[8, 7, 6, 5, 3, 2, 1, 0])] {
        let expected: Vec<_> = positions.iter().map(|position| member(*position)).collect();
        for (after, max) in (0..=staff_ids.len()).flat_map(|after| [(after, 0), (after, 1), (after, 3), (after, 99)]) {
            // Without a last position the list begins at the start.
            let last = staff_ids.get(after).copied();
            let page = look(store, move |tx| tx.list_staff(own, include_deleted, last, max));
            let rest = expected.iter().filter(|member| last.is_none_or(|last| member.id < last));
            assert_eq!(page, rest.take(max).cloned().collect::<Vec<_>>(), "{max} after {after}, {include_deleted}");
        }
    }
    assert_eq!(look(store, move |tx| tx.list_staff(other, true, None, 9)), [member(4)]);
    let unknown = ids.account();
    assert_eq!(look(store, move |tx| tx.list_staff(unknown, true, None, 9)), []);
}
