//! The list of all cases, and the macro that makes tests of them.

/// Stamps out one `#[test]` for each case of the suite.
///
/// Takes an `Fn() -> (S, G)` that opens a fresh store `S`, empty and used by nobody else, and what keeps it alive, `G`,
/// which is dropped after it. A store that answers a full queue with an error has to have room for 64 units. One that
/// there cannot be on every machine is taken from an `Fn() -> Option<(S, G)>`: without it, nothing is tested.
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
            day_ranges {
                counts_of_a_range_are_those_of_its_days
                a_unit_counts_a_range_with_its_own_bookings
                a_range_of_all_days_has_the_counts_of_all_days
            }
            existence {
                an_account_exists_from_when_it_is_opened_while_it_is_not_removed
                a_unit_that_opens_and_removes_an_account_finds_whether_it_exists
                units_that_ask_whether_an_account_exists_hold_it
            }
            attribution {
                a_booking_keeps_its_version_and_attribution
                a_staff_member_keeps_their_version_and_attribution
                an_attribution_outlives_the_user_and_the_api_key_that_it_names
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
            accounts {
                an_account_is_updated_but_for_its_plan_and_when_it_was_opened
                an_update_of_an_unknown_account_is_refused
                a_unit_that_changes_an_account_between_bookings_counts_them_all
                removed_accounts_are_listed_only_if_they_are_wanted
                an_override_is_put_and_replaced_and_deleted
                an_override_outlives_every_change_of_the_subscription
                an_override_of_an_unknown_account_is_refused
            }
            history {
                a_subscription_change_is_listed_as_it_was_appended
                subscription_changes_are_listed_page_by_page
                a_subscription_change_whose_id_is_taken_is_refused_and_changes_nothing
                a_subscription_change_of_an_unknown_account_is_refused
            }
            staff {
                a_staff_member_counts_until_removed_and_again_once_taken_back
                a_staff_member_who_comes_removed_does_not_count
                an_update_of_an_unknown_staff_member_is_refused
                staff_is_listed_newest_first_page_by_page
            }
            bookings {
                a_booking_is_counted_on_its_day_while_it_counts
                a_booking_is_found_as_it_was_updated
                an_update_of_an_unknown_booking_or_to_an_unknown_staff_member_is_refused
                a_booking_that_comes_removed_counts_if_it_had_begun
                days_that_are_emptied_and_filled_again_are_counted
                a_day_that_was_emptied_is_counted_when_its_time_comes
            }
            booking_lists {
                every_filter_lists_what_it_admits_latest_day_first_page_by_page
                every_filter_lists_bookings_as_they_were_changed
                a_unit_lists_the_bookings_that_it_creates_and_changes
                bookings_whose_ids_do_not_rise_are_listed_by_id_within_their_day
                bookings_on_days_far_apart_are_listed
            }
            booking_pages {
                a_list_continues_at_any_position
                a_position_whose_booking_is_moved_or_removed_repeats_and_misses_nothing
                pages_that_are_turned_while_others_write_repeat_and_miss_nothing
            }
            bounded_pages {
                a_booking_behind_removed_ones_is_listed_in_a_bounded_number_of_pages
                an_account_behind_removed_ones_is_listed_in_a_bounded_number_of_pages
            }
            users {
                a_user_is_found_by_id_and_by_name_as_registered
                a_user_that_never_registered_is_not_found
                a_user_whose_id_or_name_is_taken_is_refused_and_changes_nothing
                a_user_is_updated_but_for_when_they_registered
                an_update_of_an_unknown_user_or_to_a_name_that_is_taken_is_refused
                users_are_listed_newest_first_page_by_page
                operators_are_listed_newest_first
                a_user_who_is_deleted_takes_everything_of_theirs_along
            }
            credentials {
                a_session_is_found_as_it_began_and_extended
                a_session_that_cannot_be_is_refused
                a_session_that_is_deleted_takes_its_refresh_tokens_along
                sessions_that_have_ended_are_deleted_and_only_the_users
                sessions_are_listed_oldest_first_and_only_the_users
                expired_sessions_are_deleted_in_bounded_steps
                a_refresh_token_is_unused_until_it_is_used
                a_refresh_token_that_cannot_be_is_refused
                an_api_key_is_found_as_it_was_made_and_touched
                an_api_key_that_is_deleted_is_gone
                api_keys_are_listed_newest_first_and_only_the_users
                expired_api_keys_are_deleted_in_bounded_steps
                an_api_key_that_cannot_be_is_refused
            }
            members {
                a_member_is_put_and_keeps_when_they_came_in_another_role
                a_member_is_found_by_the_name_that_they_have_now
                a_member_is_found_within_their_own_account_only
                members_are_listed_by_falling_user_id_page_by_page
                owners_are_counted_for_each_account
                a_pending_owner_is_an_owner_who_is_not_counted
                a_member_who_is_deleted_is_one_no_more
                a_member_of_an_unknown_account_and_an_unknown_user_are_refused
                accounts_are_listed_newest_first_page_by_page
            }
            plans {
                plans_in_use_are_listed_once_each_by_rising_key
                a_plan_that_no_account_is_on_any_more_is_not_in_use
                accounts_are_listed_by_the_plan_that_they_are_on
                a_plan_that_is_scheduled_is_in_use_and_its_accounts_are_listed
            }
            audit {
                audit_entries_are_listed_newest_first_for_each_account
                audit_entries_are_listed_page_by_page
                an_audit_entry_about_no_account_is_listed_nowhere
                an_audit_entry_is_listed_as_it_was_appended
                an_audit_entry_whose_id_is_taken_is_refused_and_changes_nothing
                an_audit_entry_about_an_unknown_account_is_refused
                a_unit_that_fails_after_appending_leaves_no_audit_entry
            }
            idempotency {
                a_record_is_found_by_its_key_as_it_was_put
                a_record_takes_the_place_of_an_older_one_of_its_key
                records_up_to_an_instant_are_deleted_the_oldest_first_and_so_many_at_most
                a_write_probe_can_be_put_at_any_time
                a_record_of_a_unit_that_fails_is_not_kept
                units_of_one_key_at_once_are_done_once
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
            change_races {
                removals_raced_against_bookings_make_room_for_as_many
                bookings_moved_into_a_full_day_from_two_sides_fill_it_exactly
                bookings_taken_back_raced_against_new_ones_are_exactly_as_many
                staff_taken_back_raced_against_new_ones_is_exactly_as_many
                a_smaller_plan_raced_against_bookings_is_refused_or_kept_to
            }
            access_races {
                owners_who_leave_at_once_leave_one_owner
                an_owner_who_steps_down_while_another_leaves_leaves_one_owner
                owners_who_delete_themselves_at_once_leave_one_owner
                operators_who_go_at_once_leave_one
                an_account_handed_over_to_somebody_who_leaves_keeps_an_owner
                an_owner_who_leaves_while_another_accepts_or_leaves_keeps_an_owner
                an_account_restored_while_its_only_owner_leaves_keeps_an_owner
                a_session_refreshed_while_it_is_revoked_is_revoked
                an_api_key_revoked_twice_at_once_is_revoked_once
                a_login_raced_against_a_change_of_password_leaves_no_session
                users_who_register_under_one_name_at_once_are_one_user
            }
            credential_races {
                a_refresh_token_used_by_many_at_once_gets_one_successor
                a_refresh_token_that_comes_back_too_late_revokes_its_session_once
                logins_at_once_leave_as_many_sessions_as_a_user_may_have
                api_keys_made_at_once_are_as_many_as_a_user_may_have
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

#[cfg(test)]
mod tests {
    #[test]
    fn every_case_is_stamped_out() {
        let list = include_str!("stamp.rs");
        for cases in [
            include_str!("access_races.rs"),
            include_str!("accounts.rs"),
            include_str!("atomicity.rs"),
            include_str!("attribution.rs"),
            include_str!("audit.rs"),
            include_str!("booking_lists.rs"),
            include_str!("booking_pages.rs"),
            include_str!("bookings.rs"),
            include_str!("bounded_pages.rs"),
            include_str!("change_races.rs"),
            include_str!("counters.rs"),
            include_str!("credential_races.rs"),
            include_str!("credentials.rs"),
            include_str!("day_ranges.rs"),
            include_str!("existence.rs"),
            include_str!("history.rs"),
            include_str!("idempotency.rs"),
            include_str!("isolation.rs"),
            include_str!("lookups.rs"),
            include_str!("members.rs"),
            include_str!("plans.rs"),
            include_str!("races.rs"),
            include_str!("refusals.rs"),
            include_str!("staff.rs"),
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
