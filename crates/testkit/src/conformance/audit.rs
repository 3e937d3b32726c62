//! The audit log: entries in order, for each account.

use domain::error::StorageError;
use domain::ports::Store;
use domain::{AccountId, Action, AuditEntry, AuditEntryId, Origin};

use super::{assert_refused, commit, look, open};
use crate::block_on;
use crate::fixtures::{CountingIds, audit_entry, instant, user};

/// The entries of the account, in a read. A unit of work lists the same.
fn listed(store: &impl Store, account: AccountId, after: Option<AuditEntryId>, max: usize) -> Vec<AuditEntry> {
    let read = look(store, move |tx| tx.list_audit(account, after, max));
    assert_eq!(commit(store, move |tx| tx.list_audit(account, after, max)), read);
    read
}

fn all(store: &impl Store, account: AccountId) -> Vec<AuditEntry> {
    listed(store, account, None, usize::MAX)
}

/// Appends an entry about each of these accounts, each in its own unit. Returns the entries.
fn append(store: &impl Store, ids: &CountingIds, accounts: &[Option<AccountId>]) -> Vec<AuditEntry> {
    let append_one = |account: &Option<AccountId>| {
        let entry = audit_entry(ids.audit_entry(), *account, ids.user());
        let appended = entry.clone();
        commit(store, move |tx| tx.append_audit(&appended));
        entry
    };
    accounts.iter().map(append_one).collect()
}

/// The entries about the account, newest first.
fn newest(entries: &[AuditEntry], account: AccountId) -> Vec<AuditEntry> {
    let mut entries: Vec<_> = entries.iter().filter(|entry| entry.account_id == Some(account)).cloned().collect();
    entries.sort_unstable_by_key(|entry| std::cmp::Reverse(entry.id));
    entries
}

/// By descending id, regardless of their instants, in one unit or in many.
pub fn audit_entries_are_listed_newest_first_for_each_account(store: &impl Store) {
    let ids = CountingIds::default();
    let [own, other, silent] = [(); 3].map(|()| open(store, ids.account()).id);
    let mut entries = append(store, &ids, &[Some(own), Some(other), Some(own), None, Some(other), Some(own)]);
    let backwards = [(); 4].map(|()| ids.audit_entry());
    let in_one_unit: Vec<AuditEntry> = backwards
        .into_iter()
        .rev()
        .zip([own, other, own, other])
        .map(|(id, account)| AuditEntry {
            created_at: instant("1999-12-31T23:59:59Z"),
            ..audit_entry(id, Some(account), ids.user())
        })
        .collect();
    let appended = in_one_unit.clone();
    commit(store, move |tx| appended.iter().try_for_each(|entry| tx.append_audit(entry)));
    entries.extend(in_one_unit);
    assert_eq!(all(store, own), newest(&entries, own));
    assert_eq!(all(store, other), newest(&entries, other));
    assert_eq!([all(store, silent), all(store, ids.account())], [[], []]);
}

/// The next page begins after the last entry of this one, regardless of entries appended in between.
pub fn audit_entries_are_listed_page_by_page(store: &impl Store) {
    let ids = CountingIds::default();
    let [own, other] = [(); 2].map(|()| open(store, ids.account()).id);
    let entries = append(store, &ids, &[Some(own), Some(other)].repeat(5));
    let expected = newest(&entries, own);
    assert_eq!(listed(store, own, None, 2), expected[..2]);
    append(store, &ids, &[Some(own)]);
    assert_eq!(listed(store, own, Some(expected[1].id), 2), expected[2..4]);
    assert_eq!(listed(store, own, Some(expected[3].id), 2), expected[4..]);
    assert_eq!(listed(store, own, Some(expected[4].id), 2), []);
    assert_eq!(listed(store, own, Some(expected[0].id), 0), []);
}

/// Its id cannot be used again.
pub fn an_audit_entry_without_an_account_is_not_listed(store: &impl Store) {
    let ids = CountingIds::default();
    let account = open(store, ids.account()).id;
    let entries = append(store, &ids, &[None, Some(account), None]);
    assert_eq!(all(store, account), entries[1..2]);
    let again = audit_entry(entries[0].id, None, ids.user());
    assert_refused(store, move |tx| tx.append_audit(&again));
}

/// Every action, with and without each optional field, and addresses of both kinds.
pub fn an_audit_entry_is_listed_as_it_was_appended(store: &impl Store) {
    let ids = CountingIds::default();
    let account = open(store, ids.account()).id;
    let addresses = ["", "203.0.113.9", "2001:db8::1", "::ffff:203.0.113.9", "::"];
    let entries: Vec<AuditEntry> = Action::ALL
        .iter()
        .zip(addresses.iter().cycle())
        .map(|(action, address)| AuditEntry {
            api_key: Some(ids.api_key()).filter(|_| address.len() % 2 == 1),
            action: *action,
            resource: format!("é'\"美 {action}").into(),
            origin: Origin { address: address.parse().ok(), request_id: format!("request {address}").into() },
            created_at: instant("2026-03-28T23:59:59.999999Z"),
            ..audit_entry(ids.audit_entry(), Some(account), ids.user())
        })
        .collect();
    let appended = entries.clone();
    commit(store, move |tx| appended.iter().try_for_each(|entry| tx.append_audit(entry)));
    assert_eq!(all(store, account), newest(&entries, account));
}

/// The duplicate id is that of the newest entry or of an older one.
pub fn a_duplicate_audit_entry_is_refused(store: &impl Store) {
    let ids = CountingIds::default();
    let [own, other] = [(); 2].map(|()| open(store, ids.account()).id);
    let entries = append(store, &ids, &[Some(own), Some(own), Some(other)]);
    for taken in &entries {
        let again = audit_entry(taken.id, taken.account_id, ids.user());
        assert_refused(store, move |tx| tx.append_audit(&again));
    }
    assert_eq!([all(store, own), all(store, other)], [newest(&entries, own), newest(&entries, other)]);
}

/// A unit that continues after the refusal does not write the entry either.
pub fn an_audit_entry_about_an_unknown_account_is_refused(store: &impl Store) {
    let ids = CountingIds::default();
    let account = ids.account();
    let entry = audit_entry(ids.audit_entry(), Some(account), ids.user());
    let appended = entry.clone();
    assert_refused(store, move |tx| tx.append_audit(&appended));
    let appended = entry.clone();
    let outcome = commit(store, move |tx| Ok(tx.append_audit(&appended)));
    assert!(matches!(outcome, Err(StorageError::Backend(_))), "expected a refusal, got {outcome:?}");
    open(store, account);
    assert_eq!(all(store, account), []);
    // Its id can still be used.
    let appended = entry.clone();
    commit(store, move |tx| tx.append_audit(&appended));
    assert_eq!(all(store, account), [entry]);
}

/// The next entry follows the last committed one.
pub fn a_unit_that_fails_after_appending_leaves_no_audit_entry(store: &impl Store) {
    let ids = CountingIds::default();
    let account = open(store, ids.account()).id;
    let mut entries = append(store, &ids, &[Some(account)]);
    let lost = [(); 2].map(|()| audit_entry(ids.audit_entry(), Some(account), ids.user()));
    let newcomer = user(ids.user(), "newcomer");
    let (appended, inserted) = (lost.clone(), newcomer.clone());
    let failed: Result<(), StorageError> = block_on(store.write(move |tx| {
        tx.insert_user(&inserted)?;
        appended.iter().try_for_each(|entry| tx.append_audit(entry))?;
        Err(StorageError::Backend("on purpose".to_owned()))
    }));
    assert_eq!(failed, Err(StorageError::Backend("on purpose".to_owned())));
    assert_eq!(all(store, account), entries);
    assert_eq!(look(store, move |tx| tx.find_user(newcomer.id)), None);
    entries.extend(append(store, &ids, &[Some(account)]));
    assert_eq!(all(store, account), newest(&entries, account));
    assert!(all(store, account).iter().all(|entry| lost.iter().all(|lost| lost.id != entry.id)));
}
