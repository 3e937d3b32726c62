//! External ids of accounts, which are unique, and their metadata.

use domain::ports::Store;
use domain::{Account, AccountId, ExternalId, Metadata};

use super::accounts::listed;
use super::lookups::found;
use super::{assert_refused, commit, look, open};
use crate::fixtures::{CountingIds, NOW, account, name};

fn external_id(text: &str) -> ExternalId {
    ExternalId::parse(text).expect("the test wrote an external id")
}

/// The account with this external id, in a read. A unit of work finds the same.
fn with_id(store: &impl Store, text: &str) -> Option<AccountId> {
    let (of_read, of_unit) = (external_id(text), external_id(text));
    let read = look(store, move |tx| tx.find_account_by_external_id(&of_read));
    assert_eq!(commit(store, move |tx| tx.find_account_by_external_id(&of_unit)), read);
    read
}

fn opened(store: &impl Store, ids: &CountingIds, text: &str) -> Account {
    let account = Account { external_id: Some(external_id(text)), ..account(ids.account()) };
    let inserted = account.clone();
    commit(store, move |tx| tx.insert_account(&inserted));
    account
}

/// In its letter case, also after the account was removed.
pub fn an_account_is_found_by_its_external_id(store: &impl Store) {
    let ids = CountingIds::default();
    open(store, ids.account());
    let accounts = ["cus_9s6X", "CUS_9s6X", "'%_/~", &"x".repeat(128)].map(|text| opened(store, &ids, text));
    for account in &accounts {
        let text = account.external_id.as_ref().map(ExternalId::as_str).expect("it has one");
        assert_eq!(with_id(store, text), Some(account.id), "{text}");
        assert_eq!(found(store, account.id).as_ref(), Some(account));
    }
    assert_eq!((with_id(store, "cus_9s6"), with_id(store, "x")), (None, None));
    // An update does not change it.
    let removed = Account { deleted_at: Some(NOW), version: 2, ..accounts[0].clone() };
    let update = Account { external_id: None, ..removed.clone() };
    commit(store, move |tx| tx.update_account(&update));
    assert_eq!((with_id(store, "cus_9s6X"), found(store, removed.id)), (Some(removed.id), Some(removed)));
}

/// Nothing of the second account is kept, and the id leads to the first one, also if that was
/// removed.
pub fn a_duplicate_external_id_is_refused(store: &impl Store) {
    let ids = CountingIds::default();
    let first = opened(store, &ids, "cus_9s6X");
    for deleted_at in [None, Some(NOW)] {
        let changed = Account { deleted_at, ..first.clone() };
        commit(store, move |tx| tx.update_account(&changed));
        let second = Account { external_id: first.external_id.clone(), ..account(ids.account()) };
        let id = second.id;
        assert_refused(store, move |tx| tx.insert_account(&second));
        assert_eq!((found(store, id), with_id(store, "cus_9s6X")), (None, Some(first.id)));
    }
    // The id of a unit that failed can be used.
    let failing = Account { external_id: Some(external_id("cus_2")), ..account(first.id) };
    assert_refused(store, move |tx| tx.insert_account(&failing));
    assert_eq!(with_id(store, "cus_2"), None);
    let second = opened(store, &ids, "cus_2");
    assert_eq!(with_id(store, "cus_2"), Some(second.id));
}

/// Pairs of any text, replaced and cleared by an update; in lists as well.
pub fn metadata_is_found_as_it_was_written(store: &impl Store) {
    let ids = CountingIds::default();
    let parse = |pairs: &[(&str, &str)]| {
        let pairs = pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        Metadata::parse(pairs).expect("the test wrote metadata")
    };
    let many: Vec<String> = (0..Metadata::PAIRS_MAX).map(|number| format!("{number:x>64}")).collect();
    let long = "\u{10ffff}".repeat(Metadata::VALUE_CHARACTERS_MAX);
    let many: Vec<(&str, &str)> = many.iter().map(|key| (key.as_str(), long.as_str())).collect();
    let first = parse(&[("tier", "gold"), ("empty", ""), ("\"\\{}'", "\"Žofie\" \\ 'x' 💇🏽‍♀️ {\"a\": [1]}")]);
    let opened = Account { metadata: first, ..account(ids.account()) };
    let inserted = opened.clone();
    commit(store, move |tx| tx.insert_account(&inserted));
    assert_eq!(found(store, opened.id), Some(opened.clone()));
    for (version, metadata) in (2..).zip([parse(&many), parse(&[]), parse(&[("a", "b")])]) {
        let changed = Account { name: name("Another Salon"), metadata, version, ..opened.clone() };
        let update = changed.clone();
        commit(store, move |tx| tx.update_account(&update));
        assert_eq!(found(store, opened.id), Some(changed.clone()));
        assert_eq!(listed(store, None, false, None, 9, usize::MAX), [changed]);
    }
}
