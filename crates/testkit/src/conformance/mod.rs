//! The suite that every store must pass: one public function for each promise, stamped out by [`crate::conformance!`].

#![expect(clippy::missing_panics_doc, reason = "a case panics when the store breaks the promise it is named after")]

pub mod access_races;
pub mod atomicity;
pub mod audit;
pub mod counters;
pub mod credentials;
pub mod isolation;
pub mod lookups;
pub mod members;
pub mod races;
pub mod refusals;
pub mod users;

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use domain::error::StorageError;
use domain::ports::{ReadTx, Store, WriteTx};
use domain::{Account, AccountId, User};

use crate::block_on;
use crate::fixtures::{CountingIds, account, user};

/// Stamps out one `#[test]` for each case of the suite.
///
/// Takes an `Fn() -> (S, G)` that opens a fresh store `S`, empty and used by nobody else, and what keeps it alive, `G`,
/// which is dropped after it. A store that answers a full queue with an error has to have room for 64 units.
#[macro_export]
macro_rules! conformance {
    ($fresh:expr) => {
        $crate::conformance! { @stamp $fresh;
            lookups {
                an_account_is_found_as_it_was_opened
                an_account_that_was_never_opened_is_not_found
                a_staff_member_is_found_with_and_without_an_email_address
                a_booking_is_found_with_and_without_its_optional_fields
                a_staff_member_is_found_within_their_own_account_only
                a_booking_is_found_within_its_own_account_only
                a_subscription_is_put_and_replaced
                days_far_in_the_past_and_in_the_future_are_kept
            }
            counters {
                an_account_begins_with_no_staff_and_no_bookings
                an_account_that_was_never_opened_has_no_staff_and_no_bookings
                staff_is_counted_for_each_account
                bookings_are_counted_for_each_account_and_day
                every_day_is_counted_however_many_there_are
            }
            refusals {
                an_account_id_that_is_taken_is_refused_and_changes_nothing
                a_staff_id_that_is_taken_is_refused_and_changes_nothing
                a_booking_id_that_is_taken_is_refused_and_changes_nothing
                a_staff_member_of_an_unknown_account_is_refused
                a_booking_of_an_unknown_account_is_refused
                a_booking_for_a_staff_member_of_another_account_is_refused
                a_subscription_of_an_unknown_account_is_refused
            }
            users {
                a_user_is_found_by_id_and_by_name_as_registered
                a_user_that_never_registered_is_not_found
                a_user_whose_id_or_name_is_taken_is_refused_and_changes_nothing
                a_user_is_updated_but_for_when_they_registered
                an_update_of_an_unknown_user_or_to_a_name_that_is_taken_is_refused
                users_are_listed_newest_first_page_by_page
                a_user_who_is_deleted_takes_everything_of_theirs_along
            }
            credentials {
                a_session_is_found_as_it_began_and_extended
                a_session_that_cannot_be_is_refused
                a_session_that_is_deleted_takes_its_refresh_tokens_along
                sessions_that_have_ended_are_deleted_and_only_the_users
                a_refresh_token_is_unused_until_it_is_used
                a_refresh_token_that_cannot_be_is_refused
                an_api_key_is_found_as_it_was_made_and_touched
                an_api_key_that_is_deleted_is_gone
                api_keys_are_listed_newest_first_and_only_the_users
                an_api_key_that_cannot_be_is_refused
            }
            members {
                a_member_is_put_and_keeps_when_they_came_in_another_role
                a_member_is_found_by_the_name_that_they_have_now
                a_member_is_found_within_their_own_account_only
                members_are_listed_by_falling_user_id_page_by_page
                owners_are_counted_for_each_account
                a_member_who_is_deleted_is_one_no_more
                a_member_of_an_unknown_account_and_an_unknown_user_are_refused
                accounts_are_listed_newest_first_page_by_page
            }
            audit {
                audit_entries_are_listed_newest_first_for_each_account
                audit_entries_are_listed_page_by_page
                audit_entries_are_not_listed_after_one_that_is_not_the_accounts
                an_audit_entry_about_no_account_is_listed_nowhere
                an_audit_entry_is_listed_as_it_was_appended
                an_audit_entry_whose_id_is_taken_is_refused_and_changes_nothing
                an_audit_entry_about_an_unknown_account_is_refused
                a_unit_that_fails_after_appending_leaves_no_audit_entry
            }
            atomicity {
                a_unit_that_fails_after_writing_leaves_nothing
                a_unit_that_panics_after_writing_leaves_nothing
                units_that_fail_or_panic_harm_no_other_at_the_same_time
                a_read_that_panics_harms_no_later_one
                a_unit_runs_wholly_though_its_future_is_dropped
            }
            isolation {
                a_unit_sees_its_own_writes
                a_read_sees_every_acknowledged_write
                a_read_keeps_its_snapshot_while_a_writer_commits
                a_read_neither_waits_for_a_unit_nor_sees_it_before_it_ends
                counters_and_rows_never_differ_under_a_writer
            }
            races {
                bookings_raced_to_a_limit_are_exactly_as_many
                staff_raced_to_a_limit_are_exactly_as_many
                accounts_raced_at_once_do_not_affect_each_other
                bookings_and_staff_raced_at_once_do_not_affect_each_other
                plan_changes_raced_against_bookings_never_admit_more_than_the_largest_plan
            }
            access_races {
                owners_who_leave_at_once_leave_one_owner
                an_owner_who_steps_down_while_another_leaves_leaves_one_owner
                a_refresh_token_used_by_many_at_once_extends_its_session_once_and_revokes_it
                users_who_register_under_one_name_at_once_are_one_user
            }
        }
    };
    (@stamp $fresh:expr; $($module:ident { $($case:ident)* })*) => {
        $($(
            #[test]
            fn $case() {
                $crate::conformance::run($fresh, $crate::conformance::$module::$case);
            }
        )*)*
    };
}

/// Runs one case on a fresh store, and ends it with a look at whether the store is sound.
pub fn run<S: Store, G>(fresh: impl FnOnce() -> (S, G), case: impl FnOnce(&S)) {
    // One tuple and not two variables: its store is dropped before what keeps the store alive, in a panic too.
    let opened = fresh();
    case(&opened.0);
    assert_sound(&opened.0);
}

/// Asserts that what the store keeps twice is equal.
pub(crate) fn assert_sound(store: &impl Store) {
    assert_eq!(block_on(store.verify()), Ok(Vec::new()), "the store is not sound");
}

/// Runs a unit that has to succeed.
fn commit<T: Send + 'static>(
    store: &impl Store,
    work: impl FnMut(&mut dyn WriteTx) -> Result<T, StorageError> + Send + 'static,
) -> T {
    block_on(store.write(work)).expect("nothing is wrong with this unit")
}

/// Reads on one snapshot, which has to succeed.
fn look<T: Send + 'static>(
    store: &impl Store,
    work: impl FnOnce(&mut dyn ReadTx) -> Result<T, StorageError> + Send + 'static,
) -> T {
    block_on(store.read(work)).expect("nothing is wrong with this read")
}

/// Asserts that the store refuses a unit.
fn assert_refused(store: &impl Store, work: impl FnMut(&mut dyn WriteTx) -> Result<(), StorageError> + Send + 'static) {
    let answer = block_on(store.write(work));
    assert!(matches!(answer, Err(StorageError::Backend(_))), "expected a refusal, got {answer:?}");
}

/// Opens an account that nothing is special about.
fn open(store: &impl Store, id: AccountId) -> Account {
    let account = account(id);
    let opened = account.clone();
    commit(store, move |tx| tx.insert_account(&opened));
    account
}

/// Registers a user called after their id.
fn register(store: &impl Store, ids: &CountingIds) -> User {
    let id = ids.user();
    let user = user(id, &id.to_string());
    let registered = user.clone();
    commit(store, move |tx| tx.insert_user(&registered));
    user
}

/// A door between threads: shut until somebody opens it, and open from then on.
#[derive(Default)]
struct Latch {
    is_open: Mutex<bool>,
    opened: Condvar,
}

impl Latch {
    fn open(&self) {
        *self.is_open.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.opened.notify_all();
    }

    /// Waits for the door to be opened. A store that makes it wait for ever fails the case rather than hang it.
    fn pass(&self) -> Result<(), StorageError> {
        let is_open = self.is_open.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.opened.wait_timeout_while(is_open, Duration::from_secs(10), |is_open| !*is_open);
        let (is_open, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if *is_open { Ok(()) } else { Err(StorageError::Backend("waited in vain".to_owned())) }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_case_is_stamped_out() {
        let list = include_str!("mod.rs");
        for cases in [
            include_str!("access_races.rs"),
            include_str!("atomicity.rs"),
            include_str!("audit.rs"),
            include_str!("counters.rs"),
            include_str!("credentials.rs"),
            include_str!("isolation.rs"),
            include_str!("lookups.rs"),
            include_str!("members.rs"),
            include_str!("races.rs"),
            include_str!("refusals.rs"),
            include_str!("users.rs"),
        ] {
            for line in cases.lines() {
                if let Some((case, _)) = line.strip_prefix("pub fn ").and_then(|rest| rest.split_once('(')) {
                    assert!(list.lines().any(|line| line.trim() == case), "{case} is not in the list");
                }
            }
        }
    }
}
