//! Search of accounts: what it finds, in which order, page by page.

use domain::error::StorageError;
use domain::ports::{ReadMembers, Store};
use domain::{Account, AccountPosition, AccountSearch, ExternalId, Role, UserId};

use super::{commit, look, register};
use crate::fixtures::{CountingIds, NOW, account, name};

/// More pages than any search of these cases has.
const PAGES_MAX: usize = 100;
/// The number of accounts before the one that is found, and of rows written in one unit.
const OTHERS: usize = 3_000;
const UNIT: usize = 500;

fn search(text: &str) -> AccountSearch {
    AccountSearch::parse(text).expect("the test wrote a search")
}

/// Who searches, and whether removed accounts are found.
type Asked = (Option<UserId>, bool);

/// All accounts after a position that are found in pages of `max`, and the number of pages.
fn walk(
    tx: &mut (impl ReadMembers + ?Sized),
    (user, include_deleted): Asked,
    search: &AccountSearch,
    after: Option<&AccountPosition>,
    max: usize,
) -> Result<(Vec<Account>, usize), StorageError> {
    let (mut all, mut after) = (Vec::new(), after.cloned());
    for pages in 1..=PAGES_MAX {
        let page = tx.search_accounts(user, search, include_deleted, after.as_ref(), max)?;
        assert!(page.items.len() <= max, "a page of {max} has {} accounts", page.items.len());
        all.extend(page.items);
        let Some(next) = page.next else { return Ok((all, pages)) };
        let leads_on = after.is_none_or(|after| if user.is_some() { next.id < after.id } else { after < next });
        assert!(leads_on, "a page ends where it begins, or before: {next:?}");
        after = Some(next);
    }
    panic!("the list does not end after {PAGES_MAX} pages")
}

/// What a search finds, the same in pages of several lengths, in a read and in a unit of work.
fn found(store: &impl Store, asked: Asked, text: &str) -> Vec<Account> {
    let mut of_lengths = [1, 2, 3, 100].map(|max| {
        let (of_read, of_unit) = (search(text), search(text));
        let (read, _) = look(store, move |tx| walk(tx, asked, &of_read, None, max));
        let (unit, _) = commit(store, move |tx| walk(tx, asked, &of_unit, None, max));
        assert_eq!(read, unit, "{text:?} in pages of {max}");
        read
    });
    assert!(of_lengths.windows(2).all(|pair| pair[0] == pair[1]), "{text:?}: {of_lengths:?}");
    std::mem::take(&mut of_lengths[0])
}

/// Opens an account, and writes what opening does not.
fn put(store: &impl Store, account: &Account) {
    let account = account.clone();
    commit(store, move |tx| {
        tx.insert_account(&account)?;
        tx.update_account(&account)
    });
}

/// Accounts of these names, in the order of their ids.
fn named<const N: usize>(store: &impl Store, ids: &CountingIds, names: [&str; N]) -> [Account; N] {
    names.map(|called| {
        let account = Account { name: name(called), ..account(ids.account()) };
        put(store, &account);
        account
    })
}

const ALL: Asked = (None, false);

/// By code points of the folded name, and of one name by id.
pub fn a_search_finds_names_by_their_beginning_in_any_letter_case(store: &impl Store) {
    let ids = CountingIds::default();
    let names = ["My Salon", "mY salon", "Žofie", "MY S", "My Sa\u{10ffff}", "Straße 1", "Zofie", "100 %", "M"];
    let accounts = named(store, &ids, names);
    for (text, expected) in [
        ("my", &[3, 0, 1, 4][..]),
        ("MY SAL", &[0, 1]),
        ("my sa\u{10ffff}", &[4]),
        ("m", &[8, 3, 0, 1, 4]),
        ("my salon 2", &[]),
        ("ž", &[2]),
        ("Z\u{30c}OF", &[2]),
        ("zof", &[6]),
        ("STRASSE", &[5]),
        ("stras", &[5]),
        ("salon", &[]),
        ("%", &[]),
        ("_", &[]),
        ("100 %", &[7]),
        ("'", &[]),
        ("\u{10ffff}", &[]),
    ] {
        let expected: Vec<Account> = expected.iter().map(|&at| accounts[at].clone()).collect();
        assert_eq!(found(store, ALL, text), expected, "{text:?}");
    }
}

/// Each once, also one whose name matches, too.
pub fn a_search_finds_ids_as_a_whole_in_the_order_of_names(store: &impl Store) {
    let ids = CountingIds::default();
    let with_id = |called: &str, id: &str| {
        let external_id = Some(ExternalId::parse(id).expect("the test wrote an external id"));
        let account = Account { name: name(called), external_id, ..account(ids.account()) };
        put(store, &account);
        account
    };
    let before = with_id("Ann", "cus");
    let both = with_id("cus", "CUS");
    let [first, last] = named(store, &ids, ["cus tom", "Customer"]);
    let after = with_id("Zoe", "Cus");
    let own = Account { name: name(&before.id.to_string()), ..account(ids.account()) };
    put(store, &own);
    for (text, expected) in [
        ("cus", vec![&before, &both, &first, &last]),
        ("CUS", vec![&both, &first, &last]),
        ("Cus", vec![&both, &first, &last, &after]),
        (" cus ", vec![&before, &both, &first, &last]),
        (&before.id.to_string(), vec![&own, &before]),
        (&after.id.to_string(), vec![&after]),
        (&ids.account().to_string(), vec![]),
        (&after.id.to_string()[..20], vec![&own]),
    ] {
        let mut expected: Vec<Account> = expected.into_iter().cloned().collect();
        expected.sort_by_key(Account::position);
        assert_eq!(found(store, ALL, text), expected, "{text:?}");
    }
}

/// Newest first.
pub fn a_search_of_a_user_finds_their_accounts_only(store: &impl Store) {
    let ids = CountingIds::default();
    let [ann, ben] = [(); 2].map(|()| register(store, &ids).id);
    let accounts = named(store, &ids, ["My Salon", "Their Salon", "my studio", "My Salon"]);
    let of_ann = [&accounts[0], &accounts[1], &accounts[2]].map(|account| account.id);
    commit(store, move |tx| of_ann.into_iter().try_for_each(|id| tx.put_member(id, ann, Role::Viewer, NOW)));
    for (user, text, expected) in [
        (ann, "my", &[2, 0][..]),
        (ann, "their salon", &[1]),
        (ann, &accounts[1].id.to_string(), &[1]),
        (ann, &accounts[3].id.to_string(), &[]),
        (ben, "my", &[]),
    ] {
        let expected: Vec<Account> = expected.iter().map(|&at| accounts[at].clone()).collect();
        assert_eq!(found(store, (Some(user), false), text), expected, "{text:?}");
    }
}

/// By name and by id.
pub fn a_search_finds_removed_accounts_on_request_and_erased_ones_never(store: &impl Store) {
    let ids = CountingIds::default();
    let ann = register(store, &ids).id;
    let [kept, removed, erased] = named(store, &ids, ["My Salon", "My Salon", "My Salon"]);
    let removed = Account { deleted_at: Some(NOW), ..removed };
    let erased = Account { deleted_at: Some(NOW), erased_at: Some(NOW), ..erased };
    let changed = [kept.clone(), removed.clone(), erased.clone()];
    commit(store, move |tx| {
        changed.iter().try_for_each(|account| {
            tx.update_account(account)?;
            tx.put_member(account.id, ann, Role::Owner, NOW)
        })
    });
    let both = [kept.clone(), removed.clone()];
    for user in [None, Some(ann)] {
        let mut expected = both.clone();
        if user.is_some() {
            expected.reverse();
        }
        assert_eq!(found(store, (user, false), "my"), std::slice::from_ref(&kept));
        assert_eq!(found(store, (user, true), "my"), expected);
        for (account, is_found) in [(&removed, true), (&erased, false)] {
            let text = account.id.to_string();
            assert_eq!(found(store, (user, false), &text), []);
            let expected: &[Account] = if is_found { std::slice::from_ref(account) } else { &[] };
            assert_eq!(found(store, (user, true), &text), expected);
        }
    }
}

/// The old name is not found any more.
pub fn a_search_follows_a_change_of_name(store: &impl Store) {
    let ids = CountingIds::default();
    let [account] = named(store, &ids, ["My Salon"]);
    let renamed = Account { name: name("ÜBER Hair"), version: 2, ..account.clone() };
    assert_eq!(found(store, ALL, "my"), [account]);
    let update = renamed.clone();
    commit(store, move |tx| tx.update_account(&update));
    assert_eq!(found(store, ALL, "my"), []);
    assert_eq!(found(store, ALL, "über"), [renamed]);
}

/// The position of a page is a name, not an account, so it stays where it is.
pub fn accounts_renamed_between_pages_hide_no_other(store: &impl Store) {
    let ids = CountingIds::default();
    let accounts = named(store, &ids, ["salon a", "salon b", "salon c", "salon d"]);
    let first = look(store, |tx| tx.search_accounts(None, &search("salon"), false, None, 2));
    assert_eq!(first.items, accounts[..2]);
    let moved = [(1, "salon z"), (0, "salon y")].map(|(at, to)| Account { name: name(to), ..accounts[at].clone() });
    let update = moved.clone();
    commit(store, move |tx| update.iter().try_for_each(|account| tx.update_account(account)));
    let (rest, _) = look(store, move |tx| walk(tx, ALL, &search("salon"), first.next.as_ref(), 2));
    let [z, y] = moved;
    assert_eq!(rest, [accounts[2].clone(), accounts[3].clone(), y, z]);
}

/// Of a user who is a member of all accounts, and of all accounts, where removed ones have the
/// name.
pub fn an_account_behind_others_takes_bounded_pages_of_a_search(store: &impl Store) {
    let ids = CountingIds::default();
    let user = register(store, &ids).id;
    // The first by name, and the last of the user's list.
    let oldest = Account { name: name("Salon"), ..account(ids.account()) };
    let removed = (0..OTHERS).map(|_| Account { name: name("Salon"), deleted_at: Some(NOW), ..account(ids.account()) });
    let mut rows: Vec<Account> = std::iter::once(oldest.clone()).chain(removed).collect();
    let newest = Account { name: name("Salon"), ..account(ids.account()) };
    rows.push(newest.clone());
    for some in rows.chunks(UNIT) {
        let some = some.to_vec();
        commit(store, move |tx| {
            some.iter().try_for_each(|account| {
                tx.insert_account(account)?;
                tx.update_account(account)?;
                tx.put_member(account.id, user, Role::Owner, NOW)
            })
        });
    }
    for max in [1, 20, 100] {
        let (items, pages) = look(store, move |tx| walk(tx, ALL, &search("SALON"), None, max));
        assert_eq!(items, [oldest.clone(), newest.clone()], "in pages of {max}");
        assert!(pages <= OTHERS / 100 + 5, "{pages} pages of {max}");
        let asked = (Some(user), false);
        let (items, pages) = look(store, move |tx| walk(tx, asked, &search("SALON"), None, max));
        assert_eq!(items, [newest.clone(), oldest.clone()], "in pages of {max}");
        assert!(pages <= OTHERS / 100 + 5, "{pages} pages of {max}");
    }
}
