//! The list of all cases, and the macro that makes tests of them.

/// Makes a `#[test]` of each case of the suite.
///
/// Takes an `Fn() -> (S, G)` that opens a fresh, empty store `S` of its own, and a guard `G`, which
/// is dropped after the store. A store with a bounded queue needs room for 64 units. A store that
/// may not be available on the machine is opened by an `Fn() -> Option<(S, G)>`: the tests are
/// skipped on `None`.
#[macro_export]
macro_rules! conformance {
    ($fresh:expr) => {
        $crate::conformance! { @stamp $fresh;
            lookups {
                an_account_is_found_as_it_was_opened
                an_account_is_opened_without_a_plan_and_overrides
                a_unit_that_reads_two_accounts_finds_each
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
            erasure {
                nothing_personal_is_left_of_an_erased_account
                an_erased_account_is_not_found_from_the_first_unit_on
                the_counters_of_an_erased_account_stay
                the_audit_log_of_an_erased_account_keeps_its_skeleton
                an_erased_user_leaves_no_origin
                what_would_be_erased_is_counted
            }
            retention {
                bookings_before_a_day_are_deleted_in_steps
                usage_records_before_a_day_are_deleted_with_their_charges
                retention_without_old_rows_changes_nothing
            }
            existence {
                an_account_exists_while_opened_and_not_removed
                a_unit_sees_the_account_it_opens_and_removes
                a_unit_that_checks_an_account_locks_it
            }
            attribution {
                a_booking_keeps_its_version_and_attribution
                a_staff_member_keeps_their_version_and_attribution
                an_attribution_outlives_its_user_and_api_key
            }
            refusals {
                a_duplicate_account_id_is_refused
                a_duplicate_staff_id_is_refused
                a_duplicate_booking_id_is_refused
                a_staff_member_of_an_unknown_account_is_refused
                a_booking_of_an_unknown_account_is_refused
                a_booking_for_a_staff_member_of_another_account_is_refused
                a_subscription_of_an_unknown_account_is_refused
            }
            accounts {
                an_update_keeps_an_accounts_plan_and_creation
                an_update_of_an_unknown_account_is_refused
                a_unit_counts_bookings_around_a_change_of_account
                removed_accounts_are_listed_on_request_only
                an_override_is_put_replaced_and_deleted
                an_override_outlives_every_change_of_the_subscription
                an_override_of_an_unknown_account_is_refused
            }
            history {
                a_subscription_change_is_listed_as_it_was_appended
                subscription_changes_are_listed_page_by_page
                a_duplicate_subscription_change_is_refused
                a_subscription_change_of_an_unknown_account_is_refused
            }
            staff {
                a_staff_member_counts_unless_removed
                a_staff_member_inserted_as_removed_does_not_count
                an_update_of_an_unknown_staff_member_is_refused
                staff_is_listed_newest_first_page_by_page
            }
            bookings {
                a_booking_is_counted_on_its_day_while_it_counts
                a_booking_is_found_as_it_was_updated
                an_update_of_or_to_unknown_rows_is_refused
                a_booking_inserted_as_removed_counts_if_begun
                days_emptied_and_refilled_are_counted
                a_day_emptied_ahead_of_time_is_counted
            }
            booking_lists {
                every_filter_lists_matching_bookings_page_by_page
                every_filter_lists_changed_bookings
                a_unit_lists_its_own_bookings
                bookings_are_listed_by_id_within_a_day
                bookings_on_days_far_apart_are_listed
            }
            booking_pages {
                a_list_continues_at_any_position
                a_cursor_survives_changes_to_its_booking
                pages_under_concurrent_writes_repeat_and_miss_nothing
            }
            bounded_pages {
                a_booking_behind_removed_ones_takes_bounded_pages
                an_account_behind_removed_ones_takes_bounded_pages
                a_full_last_page_is_the_end_of_the_list
                a_usage_record_behind_others_takes_bounded_pages
            }
            charges {
                charges_are_counted_in_each_of_their_windows
                many_counters_are_read_at_once
                refunded_charges_do_not_count
                a_counter_without_records_counts_and_is_consistent
                counters_of_windows_are_listed_in_order
                a_duplicate_charge_is_refused
            }
            usage_records {
                a_usage_record_is_found_as_it_was_inserted
                a_usage_record_given_back_is_found_but_not_listed
                an_invalid_usage_record_is_refused
                usage_records_are_listed_by_day_and_id
            }
            allocations {
                an_allocation_is_found_as_it_was_put
                an_allocation_with_another_quantity_keeps_its_creation
                a_deleted_allocation_does_not_count
                allocations_are_listed_by_key_page_by_page
                an_allocation_of_an_unknown_account_is_refused
            }
            grants {
                grants_are_on_their_account_newest_first
                a_deleted_grant_is_not_on_the_account
                a_grant_outlives_changes_of_the_account
                an_invalid_grant_is_refused
                a_feature_override_is_put_replaced_and_deleted
                a_feature_override_of_an_unknown_account_is_refused
            }
            account_search {
                a_search_finds_names_by_their_beginning_in_any_letter_case
                a_search_finds_ids_as_a_whole_in_the_order_of_names
                a_search_of_a_user_finds_their_accounts_only
                a_search_finds_removed_accounts_on_request_and_erased_ones_never
                a_search_follows_a_change_of_name
                accounts_renamed_between_pages_hide_no_other
                an_account_behind_others_takes_bounded_pages_of_a_search
            }
            external_ids {
                an_account_is_found_by_its_external_id
                a_duplicate_external_id_is_refused
                metadata_is_found_as_it_was_written
            }
            users {
                a_user_is_found_by_id_and_by_name_as_registered
                a_user_that_never_registered_is_not_found
                a_duplicate_user_id_or_name_is_refused
                an_update_keeps_a_users_registration
                an_update_of_an_unknown_user_or_to_a_used_name_is_refused
                users_are_listed_newest_first_page_by_page
                operators_are_listed_newest_first
                a_user_is_deleted_with_all_their_data
            }
            credentials {
                a_session_is_found_as_begun_and_extended
                an_invalid_session_is_refused
                a_session_is_deleted_with_its_refresh_tokens
                expired_sessions_of_one_user_are_deleted
                sessions_of_one_user_are_listed_oldest_first
                expired_sessions_are_deleted_in_bounded_steps
                a_step_deletes_the_last_tokens_and_the_first_sessions
                a_refresh_token_is_unused_until_it_is_used
                an_invalid_refresh_token_is_refused
                an_api_key_is_found_as_created_and_touched
                a_deleted_api_key_is_not_found
                api_keys_of_one_user_are_listed_newest_first
                expired_api_keys_are_deleted_in_bounded_steps
                an_invalid_api_key_is_refused
            }
            members {
                a_member_with_another_role_keeps_their_creation
                a_member_is_found_with_their_current_name
                a_member_is_found_within_their_own_account_only
                members_are_listed_by_descending_id_page_by_page
                owners_are_counted_for_each_account
                a_pending_owner_is_not_counted
                a_deleted_member_is_not_found
                a_member_of_unknown_account_or_user_is_refused
                accounts_are_listed_newest_first_page_by_page
            }
            plans {
                plans_in_use_are_listed_once_by_ascending_key
                a_plan_without_accounts_is_not_in_use
                accounts_are_listed_by_their_plan
                metrics_in_use_are_listed_once_by_ascending_key
                a_scheduled_plan_is_in_use
            }
            audit {
                audit_entries_are_listed_newest_first_for_each_account
                audit_entries_are_listed_page_by_page
                an_audit_entry_without_an_account_is_not_listed
                an_audit_entry_is_listed_as_it_was_appended
                a_duplicate_audit_entry_is_refused
                an_audit_entry_about_an_unknown_account_is_refused
                a_unit_that_fails_after_appending_leaves_no_audit_entry
            }
            idempotency {
                a_record_is_found_by_its_key
                a_record_replaces_an_older_one_of_its_key
                old_records_are_deleted_oldest_first_in_bounded_steps
                a_write_probe_can_be_put_at_any_time
                a_record_of_a_failed_unit_is_not_kept
                concurrent_units_with_one_key_act_once
            }
            atomicity {
                a_unit_that_fails_after_writing_leaves_nothing
                a_unit_that_panics_after_writing_leaves_nothing
                units_that_fail_or_panic_do_not_affect_others
                a_read_that_panics_does_not_affect_later_ones
                a_unit_completes_if_its_future_is_dropped
            }
            isolation {
                a_unit_sees_its_own_writes
                a_read_sees_every_acknowledged_write
                a_read_keeps_its_snapshot_while_a_writer_commits
                a_read_neither_waits_for_nor_sees_an_open_unit
                counters_and_rows_never_differ_under_a_writer
            }
            races {
                racing_bookings_reach_the_limit_exactly
                racing_staff_members_reach_the_limit_exactly
                races_on_accounts_are_independent
                races_for_bookings_and_staff_are_independent
                racing_plan_changes_never_exceed_the_largest_plan
            }
            change_races {
                racing_removals_make_room_for_as_many_bookings
                bookings_moved_into_a_day_fill_it_exactly
                restored_and_new_bookings_reach_the_limit_exactly
                restored_and_new_staff_reach_the_limit_exactly
                a_racing_smaller_plan_is_refused_or_holds
            }
            usage_races {
                racing_usage_reaches_every_limit_of_its_meter_exactly
                racing_batches_are_recorded_as_a_whole
                racing_removals_give_usage_back_once
            }
            holds {
                a_hold_is_found_as_it_was_updated
                holds_are_live_while_held_until_they_expire
                a_unit_sees_the_holds_that_it_writes
                holds_are_listed_newest_first_in_any_state
                expired_holds_are_deleted_oldest_first_in_bounded_steps
            }
            hold_races {
                racing_allocations_reach_the_limit_exactly
                racing_holds_and_allocations_reach_the_limit_exactly
                of_a_racing_confirmation_and_release_one_wins
                the_place_of_a_hold_is_used_once
                a_held_place_is_free_as_soon_as_the_hold_expires
            }
            access_races {
                of_two_owners_who_leave_at_the_same_time_one_stays
                an_owner_stays_when_one_steps_down_and_one_leaves
                of_owners_who_are_deleted_at_the_same_time_one_stays
                of_operators_who_leave_at_the_same_time_one_stays
                an_account_transferred_to_a_leaving_member_keeps_an_owner
                an_account_keeps_an_owner_while_another_accepts_or_leaves
                a_restored_account_keeps_an_owner
                a_session_refreshed_while_it_is_revoked_is_revoked
                concurrent_revocations_of_an_api_key_succeed_once
                a_login_racing_a_password_change_leaves_no_session
                concurrent_registrations_of_a_name_make_one_user
            }
            credential_races {
                a_refresh_token_used_concurrently_gets_one_successor
                a_refresh_token_reused_too_late_revokes_its_session
                concurrent_logins_leave_the_maximum_of_sessions
                concurrently_created_api_keys_stay_within_the_maximum
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
    fn every_case_is_in_the_list() {
        let list = include_str!("stamp.rs");
        for cases in [
            include_str!("access_races.rs"),
            include_str!("account_search.rs"),
            include_str!("accounts.rs"),
            include_str!("allocations.rs"),
            include_str!("atomicity.rs"),
            include_str!("attribution.rs"),
            include_str!("audit.rs"),
            include_str!("booking_lists.rs"),
            include_str!("booking_pages.rs"),
            include_str!("bookings.rs"),
            include_str!("bounded_pages.rs"),
            include_str!("change_races.rs"),
            include_str!("charges.rs"),
            include_str!("counters.rs"),
            include_str!("credential_races.rs"),
            include_str!("credentials.rs"),
            include_str!("day_ranges.rs"),
            include_str!("erasure.rs"),
            include_str!("existence.rs"),
            include_str!("external_ids.rs"),
            include_str!("grants.rs"),
            include_str!("history.rs"),
            include_str!("hold_races.rs"),
            include_str!("holds.rs"),
            include_str!("idempotency.rs"),
            include_str!("isolation.rs"),
            include_str!("lookups.rs"),
            include_str!("members.rs"),
            include_str!("plans.rs"),
            include_str!("races.rs"),
            include_str!("refusals.rs"),
            include_str!("retention.rs"),
            include_str!("staff.rs"),
            include_str!("usage_races.rs"),
            include_str!("usage_records.rs"),
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
