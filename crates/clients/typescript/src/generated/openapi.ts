// Generated from docs/openapi.json by `npm run generate`. Do not edit.

export interface paths {
    "/.well-known/jwks.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the public signing keys
         * @description Lists the public keys that verify access tokens. Needs no token. A service that verifies access tokens fetches the keys when it meets an unknown `kid`, at most once a minute.
         */
        get: operations["list_public_keys"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/accounts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List your accounts
         * @description Lists the accounts that you are a member of, the newest first. An operator gets all accounts, an API key of one account gets that account. A page may have fewer accounts than `limit` and still have a `next_cursor`. With `external_id`, the list has the account with this id, if you may see it. With `search`, an operator gets the accounts by name.
         *
         *     Requires a login, or an API key with the scope `read`.
         */
        get: operations["list_accounts"];
        put?: never;
        /**
         * Open an account
         * @description An account is a customer that subscribes to a plan: a salon, a clinic, a studio. You are its owner. With `plan`, it is subscribed at once, or not opened. Without, a new account has no plan, unless the service is configured with one. If another account has the `external_id`, the request is refused with 409, and the response has the `id` of that account if you may see it.
         *
         *     Requires a login, or an API key with the scope `write`.
         */
        post: operations["open_account"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/accounts/{account_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get an account
         * @description Returns the account and its subscription, if it has one.
         *
         *     Requires the role `viewer` in the account, or an operator. An API key also requires the scope `read`.
         */
        get: operations["find_account"];
        put?: never;
        post?: never;
        /**
         * Remove an account
         * @description Removes an account. Its data is kept, and an owner can restore it. Until then all other requests for it get 404. Removing it again changes nothing.
         *
         *     Requires the role `owner` in the account, or an operator. An API key also requires the scope `admin`.
         */
        delete: operations["remove_account"];
        options?: never;
        head?: never;
        /**
         * Change an account
         * @description Changes the name, the time zone and the metadata. Existing bookings keep their day.
         *
         *     Requires the role `owner` in the account, or an operator. An API key also requires the scope `admin`.
         */
        patch: operations["change_account"];
        trace?: never;
    };
    "/accounts/{account_id}/allocations/{meter}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the allocations of a meter
         * @description Lists what exists of the meter, by ascending key.
         *
         *     Requires the role `viewer` in the account, or an operator. An API key also requires the scope `read`.
         */
        get: operations["list_allocations"];
        /**
         * Replace the allocations of a meter
         * @description Makes the allocations of the meter exactly those with these keys: allocates the missing ones, and removes the others, at most 1000. It is refused as a whole if the account's plan does not permit what would be added beyond what would be removed. The body is at most 160 KiB.
         *
         *     Requires the role `manager` in the account, or an operator. An API key also requires the scope `write`.
         */
        put: operations["replace_allocations"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/accounts/{account_id}/allocations/{meter}/{key}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get an allocation
         * @description Returns the allocation with this key.
         *
         *     Requires the role `viewer` in the account, or an operator. An API key also requires the scope `read`.
         */
        get: operations["find_allocation"];
        /**
         * Allocate, or change the quantity
         * @description Allocates under a key of yours if the account's plan permits as much more. If the key is allocated already, its quantity becomes the one of this request: only an increase is checked against the limits, and the same quantity changes nothing.
         *
         *     Requires the role `manager` in the account, or an operator. An API key also requires the scope `write`.
         */
        put: operations["put_allocation"];
        post?: never;
        /**
         * Remove an allocation
         * @description What it took is free again. Removing a key that is not allocated changes nothing.
         *
         *     Requires the role `manager` in the account, or an operator. An API key also requires the scope `write`.
         */
        delete: operations["remove_allocation"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/accounts/{account_id}/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the audit entries
         * @description Lists all changes in the account, the newest first. The creation of bookings and staff members has no entry: these resources have `created_by`. Each entry commits together with its change. Entries are immutable.
         *
         *     Requires the role `owner` in the account, or an operator. An API key also requires the scope `admin`.
         */
        get: operations["list_audit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/accounts/{account_id}/bookings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the bookings
         * @description Lists bookings by day, the latest day first, and within a day the newest booking first. The day is the booking's `day`. A page may have fewer bookings than `limit` and still have a `next_cursor`.
         *
         *     Requires the role `viewer` in the account, or an operator. An API key also requires the scope `read`.
         */
        get: operations["list_bookings"];
        put?: never;
        /**
         * Create a booking
         * @description Creates a booking if the account's plan permits one more on its day. The limit is exact, also under concurrent requests. It applies per account and day, not per staff member. The day is that of `starts_at` in the account's time zone.
         *
         *     Requires the role `manager` in the account, or an operator. An API key also requires the scope `write`.
         */
        post: operations["create_booking"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/accounts/{account_id}/bookings/{booking_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a booking
         * @description Returns a booking of the account.
         *
         *     Requires the role `viewer` in the account, or an operator. An API key also requires the scope `read`.
         */
        get: operations["find_booking"];
        put?: never;
        post?: never;
        /**
         * Remove a booking
         * @description Removes a booking. One that has not begun stops counting immediately. One that has begun still counts. A removed booking can be restored. Removing it again changes nothing.
         *
         *     Requires the role `manager` in the account, or an operator. An API key also requires the scope `write`.
         */
        delete: operations["remove_booking"];
        options?: never;
        head?: never;
        /**
         * Change a booking
         * @description Absent fields keep their values. A new `starts_at` reschedules a booking that has not begun, if the plan permits one more on the new day. The booking then counts on the new day and no longer on the old one. The limit does not apply to a change within the same day.
         *
         *     Requires the role `manager` in the account, or an operator. An API key also requires the scope `write`.
         */
        patch: operations["change_booking"];
        trace?: never;
    };
    "/accounts/{account_id}/bookings/{booking_id}/restore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Restore a booking
         * @description Restores a removed booking if the account's plan permits one more on its day, or if the booking still counts because it had begun when it was removed. A booking that is not removed stays unchanged.
         *
         *     Requires the role `manager` in the account, or an operator. An API key also requires the scope `write`.
         */
        post: operations["restore_booking"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/accounts/{account_id}/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Check a limit or a feature
         * @description Applies the same rule as creation: to one metric, or to all metrics of a meter. If the limit refuses, the response has the next day and the plans that permit it. For a feature, the response has its value. `checks` has up to 100 questions, which are answered in their order, all at one instant. Nothing is created or reserved, so a later creation may still be refused. An `Idempotency-Key` has no effect: each response is computed anew.
         *
         *     Requires the role `viewer` in the account, or an operator. An API key also requires the scope `read`.
         */
        post: operations["check"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/accounts/{account_id}/entitlements": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the entitlements of an account
         * @description Lists every effective limit and its usage, by the same counts and the same day as enforcement, and the value of every feature. All numbers are of one instant, so a later creation may still be refused. The `ETag` changes if and only if the response does.
         *
         *     Requires the role `viewer` in the account, or an operator. An API key also requires the scope `read`.
         */
        get: operations["list_entitlements"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/accounts/{account_id}/erase": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Erase an account
         * @description Removes the personal data of an account permanently, also of one that was removed before. It cannot be restored. From this response on, every request for it gets 404; its rows are erased in the background. Counters stay, and so do the ids, actions and times of its audit log.
         *
         *     Requires an operator. An API key also requires the scope `admin`.
         */
        post: operations["erase_account"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/accounts/{account_id}/grants": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the grants
         * @description Lists the grants of the account, the newest first. Expired grants remain in the list until they are removed.
         *
         *     Requires the role `viewer` in the account, or an operator. An API key also requires the scope `read`.
         */
        get: operations["list_grants"];
        put?: never;
        /**
         * Grant more of a limit
         * @description Adds a quantity to the account's limit, on top of the plan or of an override, for example for an add-on that was bought. Grants add up. An account can have 100 grants that have not expired; a further one is refused with 409. An account without a plan can still create nothing.
         *
         *     Requires an operator. An API key also requires the scope `admin`.
         */
        post: operations["create_grant"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/accounts/{account_id}/grants/{grant_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a grant
         * @description Returns a grant of the account. An expired one is found until it is removed.
         *
         *     Requires the role `viewer` in the account, or an operator. An API key also requires the scope `read`.
         */
        get: operations["find_grant"];
        put?: never;
        post?: never;
        /**
         * Remove a grant
         * @description Removes a grant. The limit without it applies immediately; what exists stays. Without the grant nothing changes.
         *
         *     Requires an operator. An API key also requires the scope `admin`.
         */
        delete: operations["remove_grant"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/accounts/{account_id}/holds": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the holds
         * @description Lists the holds of the account in all states, the newest first.
         *
         *     Requires the role `viewer` in the account, or an operator. An API key also requires the scope `read`.
         */
        get: operations["list_holds"];
        put?: never;
        /**
         * Hold a quantity
         * @description Keeps a quantity of a meter free, if the account's plan permits as much more. While it is held it counts as used, so no other request can take it. An account has at most 1000 live holds.
         *
         *     Requires the role `manager` in the account, or an operator. An API key also requires the scope `write`.
         */
        post: operations["create_hold"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/accounts/{account_id}/holds/{hold_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a hold
         * @description Returns a hold of the account, in any state. Holds are removed 30 days after they expired.
         *
         *     Requires the role `viewer` in the account, or an operator. An API key also requires the scope `read`.
         */
        get: operations["find_hold"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/accounts/{account_id}/holds/{hold_id}/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Confirm a hold
         * @description Turns a hold into usage of its meter, in the windows of the hold, or into an allocation. Up to the quantity that is held is always admitted, also if the limit is smaller by now. A hold of `staff` or `bookings` is confirmed by creating the staff member or the booking with `hold_id`.
         *
         *     Requires the role `manager` in the account, or an operator. An API key also requires the scope `write`.
         */
        post: operations["confirm_hold"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/accounts/{account_id}/holds/{hold_id}/extend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Extend a hold
         * @description Sets the time when the hold expires, counted from now. It may be earlier than before. A hold that has expired cannot be extended: its place may be taken.
         *
         *     Requires the role `manager` in the account, or an operator. An API key also requires the scope `write`.
         */
        post: operations["extend_hold"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/accounts/{account_id}/holds/{hold_id}/release": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Release a hold
         * @description What is held is free at once. A hold that was released or has expired stays as it is.
         *
         *     Requires the role `manager` in the account, or an operator. An API key also requires the scope `write`.
         */
        post: operations["release_hold"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/accounts/{account_id}/members": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the members
         * @description Lists the members of the account. The user who registered last comes first.
         *
         *     Requires the role `viewer` in the account, or an operator. An API key also requires the scope `read`.
         */
        get: operations["list_members"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/accounts/{account_id}/members/{user_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a member
         * @description Returns a member of the account, by the user's id or username.
         *
         *     Requires the role `viewer` in the account, or an operator. An API key also requires the scope `read`.
         */
        get: operations["find_member"];
        /**
         * Add a member, or change a member's role
         * @description Adds a registered user, by id or username, or changes a member's role. The last owner cannot get another role. A user whom another user makes an owner is pending until they accept with the same request for themselves. A pending owner can leave at any time, and does not count as an owner until then.
         *
         *     Requires the role `owner` in the account, or an operator. An API key also requires the scope `admin`.
         */
        put: operations["put_member"];
        post?: never;
        /**
         * Remove a member, or leave
         * @description An owner can remove every member, and every member can leave. The last owner cannot leave, unless the account is removed. Removing a user who is not a member changes nothing.
         *
         *     Requires the role `viewer` in the account, or an operator. An API key also requires the scope `admin`.
         */
        delete: operations["remove_member"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/accounts/{account_id}/overrides": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the overrides
         * @description Lists the overrides of the account, of limits and of features, by key. Expired overrides remain in the list until they are replaced or removed.
         *
         *     Requires the role `viewer` in the account, or an operator. An API key also requires the scope `read`.
         */
        get: operations["list_overrides"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/accounts/{account_id}/overrides/{metric}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Override a limit or a feature of an account
         * @description Sets a limit, higher or lower, that replaces the plan's limit and any earlier override, or a value that replaces the plan's value of a feature. It applies to all plans until it is removed or expires. Existing staff members and bookings stay. An account without a plan can still create nothing, and has no features.
         *
         *     Requires an operator. An API key also requires the scope `admin`.
         */
        put: operations["put_override"];
        post?: never;
        /**
         * Remove an override
         * @description Removes the override of a limit or a feature. The plan's limit or value applies again immediately. Without an override nothing changes. An override of a metric or a feature that no longer exists can be removed, too.
         *
         *     Requires an operator. An API key also requires the scope `admin`.
         */
        delete: operations["remove_override"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/accounts/{account_id}/restore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Restore an account
         * @description Restores a removed account with all its data. An account that is not removed stays unchanged. If all owners have left since, an operator can restore the account and becomes its owner.
         *
         *     Requires the role `owner` in the account, or an operator. An API key also requires the scope `admin`.
         */
        post: operations["restore_account"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/accounts/{account_id}/staff": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the staff members
         * @description Lists the staff members of the account, the newest first.
         *
         *     Requires the role `viewer` in the account, or an operator. An API key also requires the scope `read`.
         */
        get: operations["list_staff"];
        put?: never;
        /**
         * Add a staff member
         * @description Adds a staff member if the account's plan permits one more. The limit is exact, also under concurrent requests.
         *
         *     Requires the role `manager` in the account, or an operator. An API key also requires the scope `write`.
         */
        post: operations["add_staff_member"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/accounts/{account_id}/staff/{staff_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a staff member
         * @description Returns a staff member of the account.
         *
         *     Requires the role `viewer` in the account, or an operator. An API key also requires the scope `read`.
         */
        get: operations["find_staff_member"];
        put?: never;
        post?: never;
        /**
         * Remove a staff member
         * @description Removes a staff member, who no longer counts and can be restored. Their bookings stay unchanged. Removing a staff member again changes nothing.
         *
         *     Requires the role `manager` in the account, or an operator. An API key also requires the scope `write`.
         */
        delete: operations["remove_staff_member"];
        options?: never;
        head?: never;
        /**
         * Change a staff member
         * @description Absent fields keep their values.
         *
         *     Requires the role `manager` in the account, or an operator. An API key also requires the scope `write`.
         */
        patch: operations["change_staff_member"];
        trace?: never;
    };
    "/accounts/{account_id}/staff/{staff_id}/restore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Restore a staff member
         * @description Restores a removed staff member if the account's plan permits one more. A staff member who is not removed stays unchanged.
         *
         *     Requires the role `manager` in the account, or an operator. An API key also requires the scope `write`.
         */
        post: operations["restore_staff_member"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/accounts/{account_id}/subscribe": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Subscribe an account to a plan
         * @description Changes the plan immediately, or at the end of the current period. The first plan always starts immediately. Existing staff members and bookings stay, even over the new plan's limits: only new ones are refused. With `over_limit: reject` such a change is refused instead. A request for another plan replaces the scheduled change. A request for the current plan changes nothing.
         *
         *     Requires the role `manager` in the account, or an operator. An API key also requires the scope `write`.
         */
        post: operations["subscribe"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/accounts/{account_id}/subscribe/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Preview a change of plan
         * @description Takes the body of `POST /accounts/{account_id}/subscribe` and returns the effects of that change. Nothing is changed.
         *
         *     Requires the role `viewer` in the account, or an operator. An API key also requires the scope `read`.
         */
        post: operations["preview_plan_change"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/accounts/{account_id}/subscription": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the subscription of an account
         * @description Returns the subscription with its current period and its scheduled change, if any. 404 if the account has no plan.
         *
         *     Requires the role `viewer` in the account, or an operator. An API key also requires the scope `read`.
         */
        get: operations["find_subscription"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/accounts/{account_id}/subscription/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the subscription changes
         * @description Lists the changes that have taken effect, the newest first, with their plans, times, users and reasons.
         *
         *     Requires the role `viewer` in the account, or an operator. An API key also requires the scope `read`.
         */
        get: operations["list_subscription_changes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/accounts/{account_id}/subscription/scheduled-change": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Cancel the scheduled change
         * @description Cancels the scheduled change, so that the account stays on its plan. Without a scheduled change nothing changes.
         *
         *     Requires the role `manager` in the account, or an operator. An API key also requires the scope `write`.
         */
        delete: operations["cancel_scheduled_change"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/accounts/{account_id}/transfer": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Transfer an account
         * @description Makes the user an owner, and makes you a manager if you were an owner, in one transaction. If no other owner remains, the user must have accepted to be an owner before: otherwise 409. `If-Match` takes the `ETag` of the user as a member.
         *
         *     Requires the role `owner` in the account, or an operator. An API key also requires the scope `admin`.
         */
        post: operations["transfer_account"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/accounts/{account_id}/unsubscribe": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Unsubscribe an account
         * @description Ends the subscription immediately, or at the end of the current period. All data is kept, and nothing can be created until the account subscribes again. A scheduled change is cancelled.
         *
         *     Requires the role `manager` in the account, or an operator. An API key also requires the scope `write`.
         */
        post: operations["unsubscribe"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/accounts/{account_id}/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the usage records
         * @description Lists usage records by day, the latest day first, and within a day the newest record first. The day is that of `at`, in the time zone that the account had when the usage was recorded. A page may have fewer records than `limit` and still have a `next_cursor`.
         *
         *     Requires the role `viewer` in the account, or an operator. An API key also requires the scope `read`.
         */
        get: operations["list_usage"];
        put?: never;
        /**
         * Record usage
         * @description Records usage if the account's plan permits it in every window of `at` that a metric limits. The limits are exact, also under concurrent requests. A batch of `items` is checked as a whole, and recorded as a whole or not at all. `Location` is the record; of a batch, and of a meter without records, it is the list.
         *
         *     Requires the role `manager` in the account, or an operator. An API key also requires the scope `write`.
         */
        post: operations["create_usage"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/accounts/{account_id}/usage/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the history of usage
         * @description Lists how much was used in each window, from the one of `from` to the one of `to`, the oldest first: at most 366 windows. Counters of windows without usage are 0. A gauge has no windows, and without a subscription there are no periods.
         *
         *     Requires the role `viewer` in the account, or an operator. An API key also requires the scope `read`.
         */
        get: operations["list_usage_history"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/accounts/{account_id}/usage/{use_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a usage record
         * @description Gets a usage record that was not removed. It never changes, so it has no `ETag`.
         *
         *     Requires the role `viewer` in the account, or an operator. An API key also requires the scope `read`.
         */
        get: operations["find_usage"];
        put?: never;
        post?: never;
        /**
         * Remove a usage record
         * @description Removes a usage record and gives its quantity back, in the windows in which it counted: also if the time zone or the plan of the account has changed since. Removing it again changes nothing.
         *
         *     Requires the role `manager` in the account, or an operator. An API key also requires the scope `write`.
         */
        delete: operations["remove_usage"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api-keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List your API keys
         * @description Lists your keys, the newest first, without their secrets. Expired keys are refused, and remain in the list for 30 days.
         *
         *     Requires a login. API keys are refused.
         */
        get: operations["list_api_keys"];
        put?: never;
        /**
         * Create an API key
         * @description Creates a credential of a program that acts on your behalf. The secret is in this response only. An API key cannot create API keys. You can have 50 keys that have not expired; a further one is refused with 409.
         *
         *     Requires a login. API keys are refused.
         */
        post: operations["create_api_key"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api-keys/{api_key_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get an API key
         * @description Returns one of your keys, without its secret.
         *
         *     Requires a login. API keys are refused.
         */
        get: operations["find_api_key"];
        put?: never;
        post?: never;
        /**
         * Revoke an API key
         * @description Revokes one of your keys. All further requests with it are refused.
         *
         *     Requires a login. API keys are refused.
         */
        delete: operations["revoke_api_key"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Check the health of the service
         * @description Returns 503 if the service can no longer write. Needs no token.
         */
        get: operations["health"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/near-limits": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the accounts near a limit
         * @description Lists the accounts, the newest first, of which at least one metric is used up to `ratio` of its effective limit, or over the limit; counters in their present windows. Removed accounts and accounts without a plan are not listed, nor are metrics of which nothing is used. A page examines up to 200 accounts, so it may have fewer items than `limit`, or none, and still have a `next_cursor`. An API key must not be bound to an account.
         *
         *     Requires an operator. An API key also requires the scope `read`.
         */
        get: operations["list_near_limits"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/plans": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the plans
         * @description Lists the plans, each an upgrade of those before it, and the metrics and features of the catalogue if it has custom ones. Needs no token.
         */
        get: operations["list_plans"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/plans/reload": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Load the plans again
         * @description Reads the file of the plans again, without a restart. If it has a fault, or lacks a plan that accounts are on, nothing changes, and `faults` says why. Each server of a database needs this of its own.
         *
         *     Requires an operator. An API key also requires the scope `admin`.
         */
        post: operations["reload_plans"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Check the readiness of the service
         * @description Needs no token. A service that cannot write to its database is not ready: route requests to another instance, and do not restart it. A check writes one row; at most one check runs per second.
         */
        get: operations["ready"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/token": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Log in
         * @description Begins a session and returns its tokens. Accepts JSON, or a form of OAuth 2.0 with the password grant or the refresh token grant (the same as `POST /token/refresh`). An unknown user and a wrong password get the same response. A user has at most 20 sessions: a further login ends the oldest.
         */
        post: operations["create_token"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/token/refresh": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Refresh a session
         * @description Exchanges a refresh token for a new pair of tokens. If the response is lost, repeat the request within 30 seconds: it returns the same new refresh token, unless that one was used. Later reuse of a refresh token indicates theft and revokes the whole session.
         */
        post: operations["refresh_token"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/token/revoke": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Log out
         * @description Revokes the session. All further requests with its access token are refused. An invalid token gets the same response (RFC 7009, section 2.2).
         */
        post: operations["revoke_token"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Register
         * @description Registers a user, unless registration is closed. Log in with `POST /token` afterwards.
         */
        post: operations["register_user"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/users/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get your user
         * @description Returns the user of the access token or the API key.
         *
         *     Requires a login, or an API key with the scope `read`.
         */
        get: operations["find_me"];
        put?: never;
        post?: never;
        /**
         * Delete your user
         * @description Deletes your user, sessions, API keys and memberships. Refused while you are the last owner of an account or the last operator.
         *
         *     Requires a login. API keys are refused.
         */
        delete: operations["delete_me"];
        options?: never;
        head?: never;
        /**
         * Change your username
         * @description Sessions and API keys stay valid. The last operator cannot give up the username in the configuration.
         *
         *     Requires a login. API keys are refused.
         */
        patch: operations["change_me"];
        trace?: never;
    };
    "/users/me/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Change your password
         * @description Changes your password and ends all your sessions, including this one. API keys stay valid.
         *
         *     Requires a login. API keys are refused.
         */
        post: operations["change_password"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/users/{user_id}/erase": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Erase a user
         * @description Deletes a user, by id or username, with their sessions, API keys and memberships, and erases the addresses and request ids of what they did, in the background. Refused while they are the last owner of an account or the last operator.
         *
         *     Requires an operator. An API key also requires the scope `admin`.
         */
        post: operations["erase_user"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description An account: the salon, clinic or studio that subscribes to a plan. */
        Account: {
            /**
             * Format: date-time
             * @description The time when the account was opened.
             * @example 2026-03-29T08:00:00Z
             */
            created_at: string;
            /**
             * Format: date-time
             * @description The time when the account was removed, or null.
             */
            deleted_at: string | null;
            /**
             * @description The account's id in the caller's own system. Only if it has one.
             * @example cus_42
             */
            external_id?: string;
            /**
             * @description The account's id.
             * @example acct_01h455vb4pex5vsknk084sn02q
             */
            id: string;
            /**
             * @description The pairs of text that the caller keeps with the account. Only if there are any.
             * @example {
             *       "crm": "42"
             *     }
             */
            metadata?: {
                [key: string]: string;
            };
            /**
             * @description The account's name.
             * @example My Salon
             */
            name: string;
            subscription: components["schemas"]["Subscription"] | null;
            /**
             * @description The IANA time zone that determines the account's days.
             * @example Europe/Berlin
             */
            time_zone: string;
        };
        /**
         * @description The fields to change. Absent fields keep their values.
         * @example {
         *       "name": "Our Salon",
         *       "time_zone": "Europe/Paris"
         *     }
         */
        AccountChange: {
            /** @description Up to 20 pairs of text, which replace all pairs of the account; null removes them. */
            metadata?: {
                [key: string]: string;
            } | null;
            /** @description The account's name, 1 to 100 characters. */
            name?: string;
            /** @description The account's IANA time zone. It applies to new bookings; existing bookings keep their day. */
            time_zone?: string;
        };
        /** @description The effective limits of an account, and its usage. */
        AccountEntitlements: {
            /** @description The account's id. */
            account_id: string;
            /** @description The entitlement for each metric. */
            entitlements: components["schemas"]["Entitlement"][];
            /** @description The value of each feature, if the service has custom metrics or features. */
            features?: components["schemas"]["FeatureEntitlement"][];
            /**
             * Format: date
             * @description The day of the limits per day.
             */
            on: string;
            /** @description The key of the current plan, or null. */
            plan: string | null;
        };
        /** @description A page of a list. */
        AccountList: {
            /** @description The items. */
            data: components["schemas"]["Account"][];
            /** @description The `cursor` of the next page; null on the last page. */
            next_cursor: string | null;
        };
        /** @description Something of a meter of gauges that exists. */
        Allocation: {
            /**
             * Format: date-time
             * @description The time when it was first allocated.
             * @example 2026-03-20T12:34:56.789012Z
             */
            created_at: string;
            /**
             * @description The id of the user who allocated it, with a login or an API key.
             * @example user_01h455vb4pex5vsknk084sn02q
             */
            created_by: string;
            /**
             * @description Your key of it, unique within the account and the meter.
             * @example website
             */
            key: string;
            /**
             * @description The meter.
             * @example projects
             */
            meter: string;
            /**
             * Format: int64
             * @description How much of the meter it takes.
             * @example 1
             */
            quantity: number;
        };
        /**
         * @description The keys of all allocations of the meter.
         * @example {
         *       "keys": [
         *         "app",
         *         "website"
         *       ]
         *     }
         */
        AllocationKeys: {
            /** @description The keys, each 1 to 128 visible ASCII characters. Equal ones are one. */
            keys: string[];
        };
        /** @description A page of allocations, by ascending key. */
        AllocationList: {
            /** @description The items. */
            data: components["schemas"]["Allocation"][];
            /** @description The `cursor` of the next page; null on the last page. */
            next_cursor: string | null;
        };
        /**
         * @description How much of the meter is allocated.
         * @example {
         *       "quantity": 2
         *     }
         */
        AllocationQuantity: {
            /**
             * Format: int64
             * @description How much of the meter it takes. Default: 1.
             */
            quantity?: number | null;
        };
        /** @description The effect of replacing the allocations of a meter: keys, in ascending order. */
        AllocationsReplaced: {
            /** @description The keys that are new, each with the quantity 1. */
            added: string[];
            /** @description The keys that were removed. */
            removed: string[];
            /** @description The keys that existed already, each with the quantity that it had. */
            unchanged: string[];
        };
        /** @description An override of a limit or of a feature. */
        AnyOverride: components["schemas"]["Override"] | components["schemas"]["FeatureOverride"];
        /** @description The credential of a program. */
        ApiKey: {
            /**
             * @description The id of the one account that the key can access; null for all of the user's accounts.
             * @example acct_01h455vb4pex5vsknk084sn02q
             */
            account_id: string | null;
            /**
             * Format: date-time
             * @description The time when the key was created.
             * @example 2026-03-29T08:00:00Z
             */
            created_at: string;
            /**
             * Format: date-time
             * @description The time when the key expires, or null.
             * @example 2027-03-29T08:00:00Z
             */
            expires_at: string | null;
            /**
             * @description The key's id.
             * @example key_01h455vb4pex5vsknk084sn02q
             */
            id: string;
            /**
             * Format: date-time
             * @description The time of the last use, to the minute; null if the key was never used.
             * @example 2026-03-30T08:00:00Z
             */
            last_used_at: string | null;
            /**
             * @description The key's name.
             * @example Web shop
             */
            name: string;
            /** @description The key's scope. */
            scope: components["schemas"]["Scope"];
        };
        /** @description A page of a list. */
        ApiKeyList: {
            /** @description The items. */
            data: components["schemas"]["ApiKey"][];
            /** @description The `cursor` of the next page; null on the last page. */
            next_cursor: string | null;
        };
        /** @description An entry of the audit log. */
        AuditEntry: {
            /**
             * @description The action.
             * @example booking.changed
             */
            action: string;
            /**
             * @description The IP address of the client, or null if unknown.
             * @example 203.0.113.7
             */
            address: string | null;
            /** @description The id of the API key that the request used, or null. */
            api_key_id: string | null;
            /**
             * Format: date-time
             * @description The time of the change.
             * @example 2026-03-29T08:00:00Z
             */
            created_at: string;
            /**
             * @description The entry's id.
             * @example audit_01h455vb4pex5vsknk084sn02q
             */
            id: string;
            /**
             * @description The request's id, as in its `X-Request-Id`.
             * @example 0195b1e0c5f27a4e8a3f6d2b9c1e7f04
             */
            request_id: string;
            /**
             * @description The id of the resource that was changed.
             * @example bkg_01h455vb4pex5vsknk084sn02q
             */
            resource: string;
            /**
             * @description The id of the user who made the change.
             * @example user_01h455vb4pex5vsknk084sn02q
             */
            user_id: string;
        };
        /** @description A page of a list. */
        AuditList: {
            /** @description The items. */
            data: components["schemas"]["AuditEntry"][];
            /** @description The `cursor` of the next page; null on the last page. */
            next_cursor: string | null;
        };
        /** @description An appointment. It counts towards the limit of its day. */
        Booking: {
            /**
             * @description The id of the booking's account.
             * @example acct_01h455vb4pex5vsknk084sn02q
             */
            account_id: string;
            /**
             * Format: date-time
             * @description The time when the booking was created.
             * @example 2026-03-20T12:34:56.789012Z
             */
            created_at: string;
            /**
             * @description The id of the user who created the booking, with a login or an API key.
             * @example user_01h455vb4pex5vsknk084sn02q
             */
            created_by: string;
            /**
             * @description The customer's name, or null.
             * @example Ben
             */
            customer_name: string | null;
            /**
             * Format: date
             * @description The day that the booking counts on: that of `starts_at` in the account's time zone. A later change of the time zone does not change it.
             * @example 2026-03-29
             */
            day: string;
            /**
             * Format: date-time
             * @description The time when the booking was removed, or null.
             */
            deleted_at: string | null;
            /**
             * @description The booking's id.
             * @example bkg_01h455vb4pex5vsknk084sn02q
             */
            id: string;
            /**
             * @description Notes, or null.
             * @example First visit
             */
            notes: string | null;
            /**
             * @description The id of the staff member, or null.
             * @example staff_01h455vb4pex5vsknk084sn02q
             */
            staff_id: string | null;
            /**
             * Format: date-time
             * @description The time when the booking begins.
             * @example 2026-03-29T08:00:00Z
             */
            starts_at: string;
        };
        /** @description A page of a list. */
        BookingList: {
            /** @description The items. */
            data: components["schemas"]["Booking"][];
            /** @description The `cursor` of the next page; null on the last page. */
            next_cursor: string | null;
        };
        /**
         * @description The fields to change. Absent fields keep their values.
         * @example {
         *       "notes": "First visit"
         *     }
         */
        BookingPatch: {
            /** @description The customer's name, 1 to 100 characters; null to clear it. */
            customer_name?: string | null;
            /** @description Notes, 1 to 2000 characters; null to clear them. */
            notes?: string | null;
            /** @description The id of an active staff member of this account; null to clear it. */
            staff_id?: string | null;
            /**
             * Format: date-time
             * @description The time when the booking begins, RFC 3339 with an offset, from 1970 to 2199.
             */
            starts_at?: string;
        };
        /** @description The result of a check of a limit. */
        Check: {
            /** @description All limits that the request would exceed, beginning with `metric`. */
            exceeded?: components["schemas"]["ExceededLimit"][];
            /**
             * Format: int64
             * @description How many are permitted; null means unlimited.
             * @example 5
             */
            limit: number | null;
            /**
             * @description What is counted, such as `bookings`. It and the members below are only there if the service has custom metrics or features.
             * @example bookings
             */
            meter?: string;
            /**
             * @description What is limited, such as `staff` or `bookings_per_day`.
             * @example bookings_per_day
             */
            metric: string;
            /**
             * Format: date-time
             * @description The next instant with room, as far as it is known, or null.
             * @example 2026-03-29T22:00:00Z
             */
            next_allowed_at?: string | null;
            /**
             * Format: date
             * @description The next day with room within 366 days, or null.
             * @example 2026-03-30
             */
            next_allowed_day: string | null;
            /**
             * @description The plan in force, or null.
             * @example basic
             */
            plan: string | null;
            /** @description The plans that permit the request, the smallest first. Empty if the limit is overridden: no plan changes that. */
            plans_that_allow: string[];
            /**
             * Format: int64
             * @description How many more fit; null means any number.
             * @example 0
             */
            remaining: number | null;
            /**
             * Format: int64
             * @description How many there are.
             * @example 5
             */
            used: number;
            window: components["schemas"]["Window"] | null;
            /** @description Whether the creation is permitted. */
            allowed: boolean;
            /** @description The error code of the refusal, or null: `subscription_required`, `staff_limit_exceeded`, `booking_limit_exceeded` or `limit_exceeded`. */
            code: string | null;
            /**
             * Format: int64
             * @description The number of units in the request.
             * @example 3
             */
            quantity: number;
        };
        /** @description One question of several: one of `metric`, `meter` and `feature`. */
        CheckQuestion: {
            /**
             * Format: date-time
             * @description The instant, for counters only.
             */
            at?: string | null;
            /** @description The feature. */
            feature?: string | null;
            /** @description The meter, such as `bookings`. */
            meter?: string | null;
            /**
             * @description The metric, such as `staff`.
             * @example staff
             */
            metric?: string | null;
            /**
             * Format: date
             * @description The day, for counters of days or longer windows only.
             */
            on?: string | null;
            /**
             * Format: int64
             * @description The number of units. Default: 1.
             */
            quantity?: number | null;
        };
        /**
         * @description What would be created, or the feature that would be used: one of `metric`, `meter` and `feature`; or several questions.
         * @example {
         *       "metric": "bookings_per_day",
         *       "quantity": 3
         *     }
         */
        CheckRequest: {
            /**
             * Format: date-time
             * @description The instant, RFC 3339 with an offset, for counters only. Default: now.
             */
            at?: string | null;
            /** @description Up to 100 questions, instead of one. */
            checks?: components["schemas"]["CheckQuestion"][] | null;
            /** @description The feature. */
            feature?: string | null;
            /** @description The meter, such as `bookings`: all its metrics are checked, as creation does. */
            meter?: string | null;
            /** @description The metric, such as `staff`. */
            metric?: string;
            /**
             * Format: date
             * @description The day, from 1970-01-01 to 2199-12-31, for counters of days or longer windows only. Default: today in the account's time zone.
             */
            on?: string | null;
            /**
             * Format: int64
             * @description The number of units. Default: 1.
             */
            quantity?: number | null;
        };
        /** @description The result of a check, or of several. */
        CheckResponse: components["schemas"]["CheckResult"] | components["schemas"]["CheckResults"];
        /** @description The result of a check. */
        CheckResult: components["schemas"]["Check"] | components["schemas"]["FeatureCheck"];
        /** @description The results of several checks, in the order of the questions. */
        CheckResults: {
            /** @description The results. */
            checks: components["schemas"]["CheckResult"][];
        };
        /** @description A confirmed hold, and what it became. */
        ConfirmedHold: {
            /**
             * @description The id of the hold's account.
             * @example acct_01h455vb4pex5vsknk084sn02q
             */
            account_id: string;
            /**
             * Format: date-time
             * @description The time when what is held will happen: it counts in the windows of this time.
             * @example 2026-03-20T12:34:56.789012Z
             */
            at: string;
            /**
             * Format: date-time
             * @description The time when it was confirmed or released, or null.
             */
            closed_at: string | null;
            /**
             * Format: date-time
             * @description The time when it was created.
             * @example 2026-03-20T12:34:56.789012Z
             */
            created_at: string;
            /**
             * @description The id of the user who created it, with a login or an API key.
             * @example user_01h455vb4pex5vsknk084sn02q
             */
            created_by: string;
            /**
             * Format: date-time
             * @description The time when it expires.
             * @example 2026-03-27T12:34:56.789012Z
             */
            expires_at: string;
            /**
             * @description The hold's id.
             * @example hold_01h455vb4pex5vsknk084sn02q
             */
            id: string;
            /**
             * @description The meter.
             * @example staff
             */
            meter: string;
            /**
             * Format: int64
             * @description How much is held.
             * @example 1
             */
            quantity: number;
            /**
             * @description What it is for, or null.
             * @example invite:42
             */
            reference: string | null;
            /** @description The state at the time of the response. Only a hold in the state `held` counts. */
            state: components["schemas"]["HoldStatus"];
            /**
             * @description The key of the allocation, for a meter of gauges, or null.
             * @example website
             */
            allocation_key: string | null;
            /**
             * @description The id of the usage record, for a meter of counters with records, or null.
             * @example use_01h455vb4pex5vsknk084sn02q
             */
            usage_id: string | null;
        };
        /** @description A new API key with its secret. Other responses do not contain the secret. */
        CreatedApiKey: {
            /**
             * @description The id of the one account that the key can access; null for all of the user's accounts.
             * @example acct_01h455vb4pex5vsknk084sn02q
             */
            account_id: string | null;
            /**
             * Format: date-time
             * @description The time when the key was created.
             * @example 2026-03-29T08:00:00Z
             */
            created_at: string;
            /**
             * Format: date-time
             * @description The time when the key expires, or null.
             * @example 2027-03-29T08:00:00Z
             */
            expires_at: string | null;
            /**
             * @description The key's id.
             * @example key_01h455vb4pex5vsknk084sn02q
             */
            id: string;
            /**
             * Format: date-time
             * @description The time of the last use, to the minute; null if the key was never used.
             * @example 2026-03-30T08:00:00Z
             */
            last_used_at: string | null;
            /**
             * @description The key's name.
             * @example Web shop
             */
            name: string;
            /** @description The key's scope. */
            scope: components["schemas"]["Scope"];
            /**
             * @description The secret, sent as `Authorization: Bearer <secret>`. The server stores its hash alone: save it now.
             * @example hr_live_01h455vb4pex5vsknk084sn02q_…
             */
            secret: string;
        };
        /**
         * @description The credentials of a login.
         * @example {
         *       "username": "user",
         *       "password": "user"
         *     }
         */
        Credentials: {
            /**
             * Format: password
             * @description The password.
             */
            password: string;
            /** @description The username. */
            username: string;
        };
        /**
         * @description The direction of a change of plan.
         * @enum {string}
         */
        Direction: "start" | "upgrade" | "downgrade" | "same";
        /**
         * @description The fields of the end of a subscription. All are optional.
         * @example {
         *       "timing": "period_end",
         *       "reason": "We close for the winter"
         *     }
         */
        Ending: {
            /** @description The reason for the end, 1 to 2000 characters. The history contains it. */
            reason?: string | null;
            timing?: components["schemas"]["Timing"] | null;
        };
        /** @description The effective limit of one metric, and its usage. */
        Entitlement: {
            /**
             * Format: int64
             * @description How much of the limit was granted.
             * @example 0
             */
            granted?: number;
            /**
             * Format: int64
             * @description How much of the usage is held.
             * @example 0
             */
            held?: number;
            /**
             * @description `gauge`: how many exist at once; `counter`: how many in a window.
             * @example gauge
             */
            kind?: string;
            /**
             * Format: int64
             * @description The effective limit; null means unlimited. 0 without a plan.
             * @example 2
             */
            limit: number | null;
            /**
             * @description What is counted, such as `bookings`. It and the members below are only there if the service has custom metrics or features, or if something is held or granted.
             * @example staff
             */
            meter?: string;
            /**
             * @description The metric, such as `staff`.
             * @example staff
             */
            metric: string;
            /**
             * Format: int64
             * @description The usage over the limit, or 0.
             * @example 0
             */
            over_by: number;
            override: components["schemas"]["Override"] | null;
            /**
             * @description The key of the current plan, or null.
             * @example basic
             */
            plan: string | null;
            /**
             * Format: int64
             * @description The limit minus the usage, at least 0; null means unlimited.
             * @example 1
             */
            remaining: number | null;
            /**
             * Format: int64
             * @description The usage.
             * @example 1
             */
            used: number;
            window: components["schemas"]["Window"] | null;
        };
        /** @description An erasure. */
        Erasure: {
            counts: components["schemas"]["ErasureCounts"] | null;
            /**
             * Format: date-time
             * @description The time from which on the account or user is gone; null in a dry run.
             * @example 2026-03-29T08:00:00Z
             */
            erased_at: string | null;
            /**
             * @description The id of the erased account or user.
             * @example acct_01h455vb4pex5vsknk084sn02q
             */
            id: string;
        };
        /** @description The numbers of rows. */
        ErasureCounts: {
            /**
             * Format: int64
             * @description Allocations.
             */
            allocations: number;
            /**
             * Format: int64
             * @description API keys of the user.
             */
            api_keys: number;
            /**
             * Format: int64
             * @description Audit entries about the account.
             */
            audit_entries: number;
            /**
             * Format: int64
             * @description Bookings.
             */
            bookings: number;
            /**
             * Format: int64
             * @description Holds.
             */
            holds: number;
            /**
             * Format: int64
             * @description Members of the account, or accounts of the user.
             */
            members: number;
            /**
             * Format: int64
             * @description Sessions of the user.
             */
            sessions: number;
            /**
             * Format: int64
             * @description Staff members.
             */
            staff_members: number;
            /**
             * Format: int64
             * @description Usage records.
             */
            usage_records: number;
        };
        /** @description A limit that a request would exceed. */
        ExceededLimit: {
            /**
             * Format: int64
             * @description The limit; null means unlimited.
             * @example 5
             */
            limit: number | null;
            /**
             * @description The limit, such as `bookings_per_day`.
             * @example bookings_per_day
             */
            metric: string;
            /**
             * Format: date-time
             * @description The next instant with room, as far as it is known, or null.
             * @example 2026-03-29T22:00:00Z
             */
            next_allowed_at: string | null;
            /**
             * Format: int64
             * @description The limit minus the usage, at least 0; null means unlimited.
             * @example 0
             */
            remaining: number | null;
            /**
             * Format: int64
             * @description The number of units that the request would add.
             * @example 1
             */
            requested: number;
            /**
             * Format: int64
             * @description The usage.
             * @example 5
             */
            used: number;
            window: components["schemas"]["Window"] | null;
        };
        /** @description A feature: a value that each plan has. */
        Feature: {
            /**
             * @description The key of the feature, as in the features of a plan.
             * @example sso
             */
            key: string;
            /** @description The type of its values. */
            type: components["schemas"]["FeatureType"];
        };
        /** @description The value of a feature before and after a change. */
        FeatureChange: {
            /**
             * @description The feature.
             * @example sso
             */
            feature: string;
            /** @description The value now. Without a plan: false, 0, or an empty text. */
            from: components["schemas"]["FeatureValue"];
            /** @description The value after the change. */
            to: components["schemas"]["FeatureValue"];
        };
        /** @description The result of a check of a feature. */
        FeatureCheck: {
            /** @description Whether the account has the feature: the switch is on, the number more than 0, the text not empty. */
            allowed: boolean;
            /** @description `subscription_required` without a plan, or null. */
            code: string | null;
            /**
             * @description The feature.
             * @example sso
             */
            feature: string;
            override: components["schemas"]["FeatureOverride"] | null;
            /**
             * @description The key of the current plan, or null.
             * @example basic
             */
            plan: string | null;
            /** @description The plans with the feature, if the account does not have it, the smallest first. Empty if it is overridden: no plan changes that. */
            plans_that_allow: string[];
            value: components["schemas"]["FeatureValue"];
        };
        /** @description The value of one feature. */
        FeatureEntitlement: {
            /**
             * @description The feature.
             * @example sso
             */
            feature: string;
            override: components["schemas"]["FeatureOverride"] | null;
            /**
             * @description The key of the current plan, or null.
             * @example basic
             */
            plan: string | null;
            /** @description The value of the plan alone. */
            plan_value: components["schemas"]["FeatureValue"];
            /** @description The value for the account. Without a plan: false, 0, or an empty text. */
            value: components["schemas"]["FeatureValue"];
        };
        /** @description An override of a feature: a value of one account that replaces its plan's value. */
        FeatureOverride: {
            /**
             * Format: date-time
             * @description The time when the override was set.
             * @example 2026-03-20T12:34:56.789012Z
             */
            created_at: string;
            /**
             * @description The id of the operator who set the override.
             * @example user_01h455vb4pex5vsknk084sn02q
             */
            created_by: string;
            /**
             * Format: date-time
             * @description The time when the override expires, or null.
             * @example 2026-09-01T00:00:00Z
             */
            expires_at: string | null;
            /**
             * @description The feature.
             * @example sso
             */
            feature: string;
            /**
             * @description The reason for the override.
             * @example A pilot
             */
            reason: string;
            value: components["schemas"]["FeatureValue"];
        };
        /**
         * @description The type of a feature's value: on or off, a number, or a text.
         * @enum {string}
         */
        FeatureType: "switch" | "number" | "text";
        /** @description The value of a feature: a switch, a number or a text. */
        FeatureValue: boolean | number | string;
        /** @description An invalid field. */
        FieldProblem: {
            /** @description The stable error code, for programs. */
            code: string;
            /** @description The explanation, and the values that the field accepts. */
            detail: string;
            /** @description The field, as a JSON pointer (RFC 6901). */
            pointer: string;
        };
        /** @description A grant: a quantity that an operator added to a limit of one account. */
        Grant: {
            /**
             * @description The id of the grant's account.
             * @example acct_01h455vb4pex5vsknk084sn02q
             */
            account_id: string;
            /**
             * Format: date-time
             * @description The time when the grant was made.
             * @example 2026-03-20T12:34:56.789012Z
             */
            created_at: string;
            /**
             * @description The id of the operator who made the grant.
             * @example user_01h455vb4pex5vsknk084sn02q
             */
            created_by: string;
            /**
             * Format: date-time
             * @description The time when the grant expires, or null.
             * @example 2026-09-01T00:00:00Z
             */
            expires_at: string | null;
            /**
             * @description The grant's id.
             * @example grant_01h455vb4pex5vsknk084sn02q
             */
            id: string;
            /**
             * @description The metric, such as `staff`.
             * @example staff
             */
            metric: string;
            /**
             * Format: int64
             * @description How many more are permitted.
             * @example 5
             */
            quantity: number;
            /**
             * @description The reason for the grant.
             * @example Add-on
             */
            reason: string;
            /**
             * @description What the grant is called elsewhere, such as an invoice, or null.
             * @example in_123
             */
            reference: string | null;
        };
        /** @description A page of a list. */
        GrantList: {
            /** @description The items. */
            data: components["schemas"]["Grant"][];
            /** @description The `cursor` of the next page; null on the last page. */
            next_cursor: string | null;
        };
        /** @description The health of the service. */
        Health: {
            /**
             * @description Always `ok`.
             * @example ok
             */
            status: string;
        };
        /** @description A quantity of a meter that is kept free until it is confirmed, released or expires. */
        Hold: {
            /**
             * @description The id of the hold's account.
             * @example acct_01h455vb4pex5vsknk084sn02q
             */
            account_id: string;
            /**
             * Format: date-time
             * @description The time when what is held will happen: it counts in the windows of this time.
             * @example 2026-03-20T12:34:56.789012Z
             */
            at: string;
            /**
             * Format: date-time
             * @description The time when it was confirmed or released, or null.
             */
            closed_at: string | null;
            /**
             * Format: date-time
             * @description The time when it was created.
             * @example 2026-03-20T12:34:56.789012Z
             */
            created_at: string;
            /**
             * @description The id of the user who created it, with a login or an API key.
             * @example user_01h455vb4pex5vsknk084sn02q
             */
            created_by: string;
            /**
             * Format: date-time
             * @description The time when it expires.
             * @example 2026-03-27T12:34:56.789012Z
             */
            expires_at: string;
            /**
             * @description The hold's id.
             * @example hold_01h455vb4pex5vsknk084sn02q
             */
            id: string;
            /**
             * @description The meter.
             * @example staff
             */
            meter: string;
            /**
             * Format: int64
             * @description How much is held.
             * @example 1
             */
            quantity: number;
            /**
             * @description What it is for, or null.
             * @example invite:42
             */
            reference: string | null;
            /** @description The state at the time of the response. Only a hold in the state `held` counts. */
            state: components["schemas"]["HoldStatus"];
        };
        /**
         * @description What becomes of a hold. All fields are optional.
         * @example {
         *       "quantity": 1
         *     }
         */
        HoldConfirmation: {
            /** @description The key of the allocation, 1 to 128 visible ASCII characters, for a meter of gauges only. An allocation with this key is increased. Default: the hold's id. */
            key?: string | null;
            /**
             * Format: int64
             * @description How much is used. More than is held is checked against the limits; the rest of what is held is released. Default: all that is held.
             */
            quantity?: number | null;
        };
        /**
         * @description The new expiry of a hold.
         * @example {
         *       "expires_in_seconds": 1209600
         *     }
         */
        HoldExtension: {
            /**
             * Format: int64
             * @description The seconds from now until it expires, up to 366 days.
             */
            expires_in_seconds: number;
        };
        /** @description A page of a list. */
        HoldList: {
            /** @description The items. */
            data: components["schemas"]["Hold"][];
            /** @description The `cursor` of the next page; null on the last page. */
            next_cursor: string | null;
        };
        /**
         * @description The state of a hold. It expires by the clock.
         * @enum {string}
         */
        HoldStatus: "held" | "confirmed" | "released" | "expired";
        /** @description The limit of a metric before and after a change; null means unlimited. */
        LimitChange: {
            /**
             * Format: int64
             * @description The limit now; 0 without a plan.
             * @example 5
             */
            from: number | null;
            /**
             * @description The metric, such as `staff`.
             * @example staff
             */
            metric: string;
            /**
             * Format: int64
             * @description The limit after the change.
             * @example 2
             */
            to: number | null;
        };
        /** @description A limit that current usage exceeds. */
        LimitExcess: {
            /**
             * Format: date
             * @description The day; null for a limit that is not about a day.
             * @example 2026-03-29
             */
            day: string | null;
            /**
             * Format: int64
             * @description By how much usage exceeds the limit.
             * @example 2
             */
            excess: number;
            /**
             * @description The exceeded limit, such as `bookings_per_day`.
             * @example bookings_per_day
             */
            metric: string;
            /**
             * Format: int64
             * @description How many the plan permits.
             * @example 5
             */
            new_limit: number;
            /**
             * Format: int64
             * @description The current usage.
             * @example 7
             */
            used: number;
            window?: components["schemas"]["Window"] | null;
        };
        /** @description A limit that the request would exceed. */
        LimitProblem: {
            /**
             * @description The stable error code, for programs.
             * @enum {string}
             */
            code: "staff_limit_exceeded" | "booking_limit_exceeded" | "limit_exceeded";
            /** @description The explanation, and how to correct the request. */
            detail: string;
            /** @description The request's id, as in `X-Request-Id` and in the log. */
            request_id: string;
            /**
             * Format: int64
             * @description The HTTP status.
             */
            status: number;
            /** @description A short summary of the error. */
            title: string;
            /** @description The URL of the code's description. */
            type: string;
            /** @description All limits that the request would exceed, beginning with `metric`. */
            exceeded?: components["schemas"]["ExceededLimit"][];
            /**
             * Format: int64
             * @description How many are permitted; null means unlimited.
             * @example 5
             */
            limit: number | null;
            /**
             * @description What is counted, such as `bookings`. It and the members below are only there if the service has custom metrics or features.
             * @example bookings
             */
            meter?: string;
            /**
             * @description What is limited, such as `staff` or `bookings_per_day`.
             * @example bookings_per_day
             */
            metric: string;
            /**
             * Format: date-time
             * @description The next instant with room, as far as it is known, or null.
             * @example 2026-03-29T22:00:00Z
             */
            next_allowed_at?: string | null;
            /**
             * Format: date
             * @description The next day with room within 366 days, or null.
             * @example 2026-03-30
             */
            next_allowed_day: string | null;
            /**
             * @description The plan in force, or null.
             * @example basic
             */
            plan: string | null;
            /** @description The plans that permit the request, the smallest first. Empty if the limit is overridden: no plan changes that. */
            plans_that_allow: string[];
            /**
             * Format: int64
             * @description How many more fit; null means any number.
             * @example 0
             */
            remaining: number | null;
            /**
             * Format: int64
             * @description How many there are.
             * @example 5
             */
            used: number;
            window: components["schemas"]["Window"] | null;
            /**
             * Format: int64
             * @description The number of units that the request would add.
             */
            requested: number;
        };
        /** @description An override in a list. */
        ListedOverride: {
            /**
             * @description The key of the metric or the feature.
             * @example staff
             */
            key: string;
            override: components["schemas"]["AnyOverride"];
        };
        /** @description A member: a user with a role in an account. */
        Member: {
            /**
             * @description The account's id.
             * @example acct_01h455vb4pex5vsknk084sn02q
             */
            account_id: string;
            /**
             * Format: date-time
             * @description The time when the user became a member.
             * @example 2026-03-29T08:00:00Z
             */
            created_at: string;
            /**
             * @description The user's id.
             * @example user_01h455vb4pex5vsknk084sn02q
             */
            id: string;
            /**
             * @description Whether another user made the member an owner, and the member has not accepted yet.
             * @example false
             */
            is_pending: boolean;
            /** @description The member's role. */
            role: components["schemas"]["Role"];
            /**
             * @description The user's username.
             * @example ann
             */
            username: string;
        };
        /** @description A page of a list. */
        MemberList: {
            /** @description The items. */
            data: components["schemas"]["Member"][];
            /** @description The `cursor` of the next page; null on the last page. */
            next_cursor: string | null;
        };
        /**
         * @description The role of a member.
         * @example {
         *       "role": "manager"
         *     }
         */
        MemberRole: {
            /** @description The member's role. */
            role: components["schemas"]["Role"];
        };
        /** @description A metric: what it counts, and how. */
        Metric: {
            /**
             * @description The key of the metric, as in the limits of a plan.
             * @example sms_per_month
             */
            key: string;
            /**
             * @description `gauge`: how many exist at once. `counter`: how many in a window.
             * @example counter
             */
            kind: string;
            /**
             * @description What is counted. Several metrics may limit one meter.
             * @example sms
             */
            meter: string;
            /**
             * @description Whether what is counted has records. Otherwise there is only the counter.
             * @example true
             */
            records: boolean;
            /**
             * @description The window of a counter: `minute`, `hour`, `day`, `week`, `month`, `year`, `period` or `lifetime`. null for a gauge.
             * @example month
             */
            window: string | null;
        };
        /** @description A limit that an account is near, or over. */
        NearLimit: {
            /**
             * Format: int64
             * @description How much of the limit was granted.
             * @example 1
             */
            granted: number;
            /**
             * Format: int64
             * @description How much of the usage is held.
             * @example 1
             */
            held: number;
            /**
             * @description `gauge`: how many exist at once; `counter`: how many in a window.
             * @example gauge
             */
            kind: string;
            /**
             * Format: int64
             * @description The effective limit, with the override and the grants in force.
             * @example 4
             */
            limit: number;
            /**
             * @description What is counted, such as `bookings`.
             * @example staff
             */
            meter: string;
            /**
             * @description The metric, such as `staff`.
             * @example staff
             */
            metric: string;
            /**
             * Format: int64
             * @description The usage over the limit, or 0.
             * @example 0
             */
            over_by: number;
            override: components["schemas"]["Override"] | null;
            /**
             * Format: int64
             * @description The limit minus the usage, at least 0.
             * @example 0
             */
            remaining: number;
            /**
             * Format: date-time
             * @description The time at which the counter begins anew: the end of the window. null without a window.
             * @example 2026-03-29T22:00:00Z
             */
            resets_at: string | null;
            /**
             * Format: int64
             * @description The usage, with what is held.
             * @example 4
             */
            used: number;
            window: components["schemas"]["Window"] | null;
        };
        /** @description An account that is near a limit, or over it. */
        NearLimits: {
            /**
             * @description The account's id.
             * @example acct_01h455vb4pex5vsknk084sn02q
             */
            account_id: string;
            /**
             * @description The account's id in the caller's own system. Only if it has one.
             * @example cus_42
             */
            external_id?: string;
            /** @description The metrics whose usage reaches the ratio, at least one. */
            metrics: components["schemas"]["NearLimit"][];
            /**
             * @description The account's name.
             * @example My Salon
             */
            name: string;
            /**
             * @description The key of the current plan.
             * @example basic
             */
            plan: string;
        };
        /** @description A page of a list. */
        NearLimitsList: {
            /** @description The items. */
            data: components["schemas"]["NearLimits"][];
            /** @description The `cursor` of the next page; null on the last page. */
            next_cursor: string | null;
        };
        /**
         * @description The fields of a new account.
         * @example {
         *       "name": "My Salon",
         *       "time_zone": "Europe/Berlin"
         *     }
         */
        NewAccount: {
            /** @description The account's id in your own system: 1 to 128 visible ASCII characters that no other account has. It does not change. */
            external_id?: string | null;
            /** @description Up to 20 pairs of text: keys of 1 to 64 visible ASCII characters, values of up to 500 characters. */
            metadata?: {
                [key: string]: string;
            } | null;
            /** @description The account's name, 1 to 100 characters. */
            name: string;
            /** @description The key of the plan to subscribe to, as `GET /plans` lists it, in any letter case. Default: the plan that the service is configured with, if any. */
            plan?: string | null;
            /** @description The IANA time zone that determines the account's days. Default: `UTC`. */
            time_zone?: string | null;
        };
        /**
         * @description The fields of a new API key.
         * @example {
         *       "name": "Web shop",
         *       "scope": "write"
         *     }
         */
        NewApiKey: {
            /** @description The id of the one account that the key can access. Default: all your accounts. */
            account_id?: string | null;
            /**
             * Format: date-time
             * @description The time when the key expires, RFC 3339 with an offset. Default: never.
             */
            expires_at?: string | null;
            /** @description The key's name, 1 to 100 characters. */
            name: string;
            /** @description The key's scope. */
            scope: components["schemas"]["Scope"];
        };
        /**
         * @description The fields of a new booking. All are optional.
         * @example {
         *       "customer_name": "Ben"
         *     }
         */
        NewBooking: {
            /** @description The customer's name, 1 to 100 characters. */
            customer_name?: string | null;
            /** @description The id of a live hold of `bookings`, whose place is used. */
            hold_id?: string | null;
            /** @description Notes, 1 to 2000 characters. */
            notes?: string | null;
            /** @description The id of an active staff member of this account. */
            staff_id?: string | null;
            /**
             * Format: date-time
             * @description The time when the booking begins, RFC 3339 with an offset, from 1970 to 2199. Default: now.
             */
            starts_at?: string | null;
        };
        /**
         * @description The fields of a new grant.
         * @example {
         *       "metric": "staff",
         *       "quantity": 5,
         *       "reason": "Add-on",
         *       "reference": "in_123"
         *     }
         */
        NewGrant: {
            /**
             * Format: date-time
             * @description The time when the grant expires, RFC 3339 with an offset, in the future. Default: never.
             */
            expires_at?: string | null;
            /** @description The metric, such as `staff`. */
            metric: string;
            /**
             * Format: int64
             * @description How many more are permitted.
             */
            quantity: number;
            /** @description The reason for the grant, 1 to 2000 characters. */
            reason: string;
            /** @description What the grant is called elsewhere, such as an invoice: 1 to 128 visible ASCII characters. */
            reference?: string | null;
        };
        /**
         * @description The fields of a new hold.
         * @example {
         *       "meter": "staff",
         *       "expires_in_seconds": 604800,
         *       "reference": "invite:42"
         *     }
         */
        NewHold: {
            /**
             * Format: date-time
             * @description The time when what is held will happen, RFC 3339 with an offset, from 1970 to 2199: it counts in the windows of this time. For a meter of counters only. Default: now.
             */
            at?: string | null;
            /**
             * Format: int64
             * @description The seconds until it expires, up to 366 days.
             */
            expires_in_seconds: number;
            /** @description The meter: `staff`, `bookings`, or one of the catalogue. */
            meter: string;
            /**
             * Format: int64
             * @description How much is held. Default: 1.
             */
            quantity?: number | null;
            /** @description What it is for, 1 to 128 visible ASCII characters. */
            reference?: string | null;
        };
        /**
         * @description The fields of an override: `limit` for a metric, `value` for a feature.
         * @example {
         *       "limit": 4,
         *       "reason": "Trial until the autumn",
         *       "expires_at": "2099-09-01T00:00:00Z"
         *     }
         */
        NewOverride: {
            /**
             * Format: date-time
             * @description The time when the override expires, RFC 3339 with an offset, in the future. Default: never.
             */
            expires_at?: string | null;
            /**
             * Format: int64
             * @description The limit; null means unlimited. The field is required for a metric.
             */
            limit?: number | null;
            /** @description The reason for the override, 1 to 2000 characters. */
            reason: string;
            value?: components["schemas"]["FeatureValue"] | null;
        };
        /**
         * @description The fields of a new staff member.
         * @example {
         *       "name": "Ann",
         *       "email": "ann@example.com"
         *     }
         */
        NewStaffMember: {
            /**
             * Format: email
             * @description The staff member's email address, at most 254 characters.
             */
            email?: string | null;
            /** @description The id of a live hold of `staff`, whose place is used. */
            hold_id?: string | null;
            /** @description The staff member's name, 1 to 100 characters. */
            name: string;
        };
        /**
         * @description The usage of a meter, or a batch of usage: either `meter`, `quantity` and `at`, or `items`.
         * @example {
         *       "meter": "sms",
         *       "quantity": 3
         *     }
         */
        NewUsage: {
            /**
             * Format: date-time
             * @description The time of the usage, RFC 3339 with an offset, from 1970 to 2199. Default: now.
             */
            at?: string | null;
            /** @description A batch, which is recorded as a whole or not at all. */
            items?: components["schemas"]["NewUsageItem"][] | null;
            /** @description The meter: one of counters, but not `bookings`. Required without `items`. */
            meter?: string;
            /**
             * Format: int64
             * @description How much is used. Default: 1.
             */
            quantity?: number | null;
        };
        /** @description The usage of a meter. */
        NewUsageItem: {
            /**
             * Format: date-time
             * @description The time of the usage, RFC 3339 with an offset, from 1970 to 2199. Default: now.
             */
            at?: string | null;
            /**
             * @description The meter: one of counters, but not `bookings`.
             * @example sms
             */
            meter: string;
            /**
             * Format: int64
             * @description How much is used. Default: 1.
             */
            quantity?: number | null;
        };
        /**
         * @description The fields of a new user.
         * @example {
         *       "username": "ann",
         *       "password": "a quiet river"
         *     }
         */
        NewUser: {
            /**
             * Format: password
             * @description The password, 8 to 128 characters in Unicode Normalization Form C. The username and the most common passwords are refused.
             */
            password: string;
            /** @description The username, 1 to 64 of a-z, 0-9 and . _ - @ +, not only dots. Uppercase letters become lowercase. */
            username: string;
        };
        /**
         * @description The treatment of usage over the new plan's limits: keep it, or reject the change.
         * @enum {string}
         */
        OverLimit: "keep" | "reject";
        /** @description A plan whose limits are below the account's usage. */
        OverLimitProblem: {
            /**
             * @description The stable error code, for programs.
             * @enum {string}
             */
            code: "over_limit";
            /** @description The explanation, and how to correct the request. */
            detail: string;
            /** @description The request's id, as in `X-Request-Id` and in the log. */
            request_id: string;
            /**
             * Format: int64
             * @description The HTTP status.
             */
            status: number;
            /** @description A short summary of the error. */
            title: string;
            /** @description The URL of the code's description. */
            type: string;
            /** @description The limits that the account's usage exceeds. */
            exceeded: components["schemas"]["LimitExcess"][];
        };
        /** @description An override: a limit of one account that replaces its plan's limit, set by an operator. */
        Override: {
            /**
             * Format: date-time
             * @description The time when the override was set.
             * @example 2026-03-20T12:34:56.789012Z
             */
            created_at: string;
            /**
             * @description The id of the operator who set the override.
             * @example user_01h455vb4pex5vsknk084sn02q
             */
            created_by: string;
            /**
             * Format: date-time
             * @description The time when the override expires, or null.
             * @example 2026-09-01T00:00:00Z
             */
            expires_at: string | null;
            /**
             * Format: int64
             * @description The limit; null means unlimited.
             * @example 4
             */
            limit: number | null;
            /**
             * @description The reason for the override.
             * @example Trial until the autumn
             */
            reason: string;
        };
        /** @description A page of a list. */
        OverrideList: {
            /** @description The items. */
            data: components["schemas"]["ListedOverride"][];
            /** @description The `cursor` of the next page; null on the last page. */
            next_cursor: string | null;
        };
        /**
         * @description The current and the new password.
         * @example {
         *       "password": "a quiet river",
         *       "new_password": "a wider, quieter river"
         *     }
         */
        PasswordChange: {
            /**
             * Format: password
             * @description The new password, 8 to 128 characters in Unicode Normalization Form C. The username and the most common passwords are refused.
             */
            new_password: string;
            /**
             * Format: password
             * @description Your current password.
             */
            password: string;
        };
        /** @description A monthly period of a subscription, from `start` inclusive to `end` exclusive. */
        Period: {
            /**
             * Format: date-time
             * @description The end of the period, exclusive. A change that is scheduled for the period's end takes effect then.
             * @example 2026-04-28T22:00:00Z
             */
            end: string;
            /**
             * Format: date-time
             * @description The start of the period, inclusive: a midnight in the account's time zone.
             * @example 2026-03-28T23:00:00Z
             */
            start: string;
        };
        /** @description A plan, its limits and its features. */
        Plan: {
            /**
             * @description Whether new accounts may be put on the plan if they name none.
             * @example false
             */
            default?: boolean;
            /**
             * @description The description of the plan; may be empty.
             * @example For a small team.
             */
            description: string;
            /** @description The value of each feature: true or false, a number, or a text. Left out, with the two fields below, if the catalogue has nothing but the built-in metrics. */
            features?: {
                [key: string]: unknown;
            };
            /**
             * @description The key of the plan in requests.
             * @example basic
             */
            key: string;
            /** @description The limit of each metric. null means unlimited. */
            limits: {
                [key: string]: number | null;
            };
            /**
             * @description The display name of the plan.
             * @example Basic
             */
            name: string;
            /**
             * @description Whether members of an account may choose the plan. Otherwise only an operator may.
             * @example true
             */
            self_service?: boolean;
        };
        /** @description The preview of a change of plan. */
        PlanChangePreview: {
            /** @description The direction of the change. */
            direction: components["schemas"]["Direction"];
            /**
             * Format: date-time
             * @description The time when the change would take effect.
             * @example 2026-04-28T22:00:00Z
             */
            effective_at: string;
            /** @description The limits that usage would exceed. Existing staff members and bookings would stay, and new ones would be refused. */
            exceeded: components["schemas"]["LimitExcess"][];
            /** @description The features whose values change, if the service has custom metrics or features. */
            features?: components["schemas"]["FeatureChange"][];
            /**
             * @description The key of the current plan, or null.
             * @example pro
             */
            from: string | null;
            /** @description The limits before and after the change. */
            limits: components["schemas"]["LimitChange"][];
            /**
             * @description The key of the new plan.
             * @example basic
             */
            to: string;
        };
        /**
         * @description The plan to subscribe to.
         * @example {
         *       "plan": "basic"
         *     }
         */
        PlanChoice: {
            over_limit?: components["schemas"]["OverLimit"] | null;
            /** @description The key of the plan, as `GET /plans` lists it, in any letter case. */
            plan: string;
            /** @description The reason for the change, 1 to 2000 characters. The history contains it. */
            reason?: string | null;
            timing?: components["schemas"]["Timing"] | null;
        };
        /** @description The available plans. */
        PlanList: {
            /** @description The plans, each an upgrade of those before it. */
            data: components["schemas"]["Plan"][];
            /** @description The features that the plans have. Left out with `metrics`. */
            features?: components["schemas"]["Feature"][];
            /** @description The metrics that the plans limit. Left out if the catalogue has the built-in ones alone. */
            metrics?: components["schemas"]["Metric"][];
            /** @description Always null: the plans fit on one page. */
            next_cursor: string | null;
        };
        /** @description An error, as problem details (RFC 9457). */
        Problem: {
            /**
             * @description The stable error code, for programs.
             * @enum {string}
             */
            code: "invalid_json" | "invalid_cursor" | "invalid_parameter" | "unauthenticated" | "invalid_token" | "token_expired" | "invalid_credentials" | "forbidden" | "subscription_required" | "not_found" | "method_not_allowed" | "not_acceptable" | "request_timeout" | "conflict" | "precondition_failed" | "payload_too_large" | "unsupported_media_type" | "unknown_plan" | "idempotency_key_reused" | "headers_too_large" | "rate_limited" | "internal" | "unavailable" | "outcome_unknown";
            /** @description The explanation, and how to correct the request. */
            detail: string;
            /** @description The request's id, as in `X-Request-Id` and in the log. */
            request_id: string;
            /**
             * Format: int64
             * @description The HTTP status.
             */
            status: number;
            /** @description A short summary of the error. */
            title: string;
            /** @description The URL of the code's description. */
            type: string;
        };
        /** @description A public key (RFC 8037). */
        PublicKey: {
            /**
             * @description Always `EdDSA`.
             * @example EdDSA
             */
            alg: string;
            /**
             * @description Always `Ed25519`.
             * @example Ed25519
             */
            crv: string;
            /**
             * @description The key's id in the header of tokens: its thumbprint (RFC 7638).
             * @example kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k
             */
            kid: string;
            /**
             * @description Always `OKP`.
             * @example OKP
             */
            kty: string;
            /**
             * @description Always `sig`.
             * @example sig
             */
            use: string;
            /**
             * @description The public key, base64url-encoded.
             * @example 11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo
             */
            x: string;
        };
        /** @description The public keys that verify access tokens (RFC 7517). */
        PublicKeys: {
            /** @description The keys, the signing key first. Empty while tokens are signed with a secret. */
            keys: components["schemas"]["PublicKey"][];
        };
        /** @description The readiness of the service. */
        Readiness: {
            /**
             * @description Always `ready`.
             * @example ready
             */
            status: string;
        };
        /** @description The recorded usage: a record for one, `items` for a batch. */
        RecordedUsage: components["schemas"]["UsageRecord"] | components["schemas"]["UsageBatch"];
        /**
         * @description The refresh token of a session.
         * @example {
         *       "refresh_token": "hr_refresh_…"
         *     }
         */
        RefreshRequest: {
            /**
             * Format: password
             * @description The session's last refresh token.
             */
            refresh_token: string;
        };
        /**
         * @description The role of a member in an account. Each role includes the permissions of those before it.
         * @enum {string}
         */
        Role: "viewer" | "manager" | "owner";
        /** @description A change that takes effect in the future. */
        ScheduledChange: {
            /**
             * Format: date-time
             * @description The time when the change takes effect.
             * @example 2026-04-28T22:00:00Z
             */
            effective_at: string;
            /**
             * @description The key of the new plan; null if the subscription will end.
             * @example pro
             */
            plan: string | null;
            /**
             * @description The reason for the change, or null.
             * @example Summer is coming
             */
            reason: string | null;
            /**
             * Format: date-time
             * @description The time when the change was requested.
             * @example 2026-04-01T08:00:00Z
             */
            requested_at: string;
            /**
             * @description The id of the user who requested the change.
             * @example user_01h455vb4pex5vsknk084sn02q
             */
            requested_by: string;
        };
        /**
         * @description The scope of an API key. Each scope includes those before it.
         * @enum {string}
         */
        Scope: "read" | "write" | "admin";
        /** @description A page of a list. */
        StaffList: {
            /** @description The items. */
            data: components["schemas"]["StaffMember"][];
            /** @description The `cursor` of the next page; null on the last page. */
            next_cursor: string | null;
        };
        /** @description A person who works for an account. */
        StaffMember: {
            /**
             * @description The id of the staff member's account.
             * @example acct_01h455vb4pex5vsknk084sn02q
             */
            account_id: string;
            /**
             * Format: date-time
             * @description The time when the staff member was added.
             * @example 2026-03-29T08:00:00Z
             */
            created_at: string;
            /**
             * @description The id of the user who added the staff member, with a login or an API key.
             * @example user_01h455vb4pex5vsknk084sn02q
             */
            created_by: string;
            /**
             * Format: date-time
             * @description The time when the staff member was removed, or null.
             */
            deleted_at: string | null;
            /**
             * @description The staff member's email address, or null.
             * @example ann@example.com
             */
            email: string | null;
            /**
             * @description The staff member's id.
             * @example staff_01h455vb4pex5vsknk084sn02q
             */
            id: string;
            /**
             * @description The staff member's name.
             * @example Ann
             */
            name: string;
        };
        /**
         * @description The fields to change. Absent fields keep their values.
         * @example {
         *       "name": "Anna",
         *       "email": null
         *     }
         */
        StaffMemberPatch: {
            /**
             * Format: email
             * @description The staff member's email address, at most 254 characters; null to clear it.
             */
            email?: string | null;
            /** @description The staff member's name, 1 to 100 characters. */
            name?: string;
        };
        /** @description A subscription of an account to a plan. */
        Subscription: {
            /**
             * @description The id of the subscription's account.
             * @example acct_01h455vb4pex5vsknk084sn02q
             */
            account_id: string;
            /**
             * Format: date-time
             * @description The time when the account subscribed.
             * @example 2026-03-29T08:00:00Z
             */
            created_at: string;
            current_period: components["schemas"]["Period"];
            /**
             * Format: date-time
             * @description The time when the subscription ended, or null.
             */
            ended_at: string | null;
            /**
             * @description The subscription's id, the same through every change of plan.
             * @example sub_01h455vb4pex5vsknk084sn02q
             */
            id: string;
            /**
             * @description The key of the plan, as `GET /plans` lists it.
             * @example basic
             */
            plan: string;
            /**
             * Format: date-time
             * @description The time when the subscription changed to this plan.
             * @example 2026-03-29T08:00:00Z
             */
            plan_since: string;
            scheduled_change: components["schemas"]["ScheduledChange"] | null;
        };
        /** @description A change of a subscription that has taken effect. */
        SubscriptionChange: {
            /**
             * Format: date-time
             * @description The time when the change took effect.
             * @example 2026-04-28T22:00:00Z
             */
            effective_at: string;
            /**
             * @description The key of the previous plan; null if the subscription began.
             * @example basic
             */
            from: string | null;
            /**
             * @description The change's id.
             * @example change_01h455vb4pex5vsknk084sn02q
             */
            id: string;
            /**
             * @description The reason for the change, or null.
             * @example Summer is coming
             */
            reason: string | null;
            /**
             * Format: date-time
             * @description The time when the change was requested.
             * @example 2026-04-01T08:00:00Z
             */
            requested_at: string;
            /**
             * @description The id of the user who requested the change.
             * @example user_01h455vb4pex5vsknk084sn02q
             */
            requested_by: string;
            /**
             * @description The key of the new plan; null if the subscription ended.
             * @example pro
             */
            to: string | null;
        };
        /** @description A page of a list. */
        SubscriptionHistory: {
            /** @description The items. */
            data: components["schemas"]["SubscriptionChange"][];
            /** @description The `cursor` of the next page; null on the last page. */
            next_cursor: string | null;
        };
        /**
         * @description When a change of plan takes effect: immediately, or at the end of the current period.
         * @enum {string}
         */
        Timing: "immediate" | "period_end";
        /** @description A pair of tokens (RFC 6749, section 5.1). */
        Token: {
            /**
             * @description The access token, sent as `Authorization: Bearer <token>`.
             * @example eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJIUzI1NiIsImtpZCI6Ijd4dVlaSUV5SF9iMl9nRzcifQ…
             */
            access_token: string;
            /**
             * Format: int64
             * @description The lifetime of the access token, in seconds.
             * @example 900
             */
            expires_in: number;
            /**
             * @description The refresh token, for `POST /token/refresh`. It is valid for one use; a repeated request within 30 seconds is accepted.
             * @example hr_refresh_…
             */
            refresh_token: string;
            /**
             * @description Always `bearer`.
             * @example bearer
             */
            token_type: string;
        };
        /**
         * @description The new owner of an account.
         * @example {
         *       "user": "ann"
         *     }
         */
        Transfer: {
            /** @description The id or the username of a registered user. */
            user: string;
        };
        /** @description The usage of a batch, in the order of the request. */
        UsageBatch: {
            /** @description The usage records. */
            items: components["schemas"]["UsageRecord"][];
        };
        /** @description The usage of each window, the oldest first. */
        UsageHistory: {
            /** @description The windows, metric by metric. */
            data: components["schemas"]["UsageInWindow"][];
            /** @description Always null: a history fits on one page. */
            next_cursor: string | null;
        };
        /** @description The usage of one metric in one window. */
        UsageInWindow: {
            /**
             * Format: int64
             * @description The effective limit at present, also for windows of the past; null means unlimited. 0 without a plan.
             * @example 5
             */
            limit: number | null;
            /**
             * @description The metric.
             * @example bookings_per_day
             */
            metric: string;
            /**
             * Format: int64
             * @description How much was used in the window. Holds do not count.
             * @example 3
             */
            used: number;
            window: components["schemas"]["Window"] | null;
        };
        /** @description A use of a meter. It counts in the windows of `at`. */
        UsageRecord: {
            /**
             * Format: date-time
             * @description The time of the usage.
             * @example 2026-03-29T08:00:00Z
             */
            at: string;
            /**
             * Format: date-time
             * @description The time when the usage was recorded.
             * @example 2026-03-29T08:00:01.789012Z
             */
            created_at: string;
            /**
             * @description The id of the user who recorded the usage, with a login or an API key.
             * @example user_01h455vb4pex5vsknk084sn02q
             */
            created_by: string;
            /**
             * @description The usage record's id. null if the catalogue keeps no records of the meter: only its counters are stored, and the usage can neither be listed nor removed.
             * @example use_01h455vb4pex5vsknk084sn02q
             */
            id: string | null;
            /**
             * @description The meter.
             * @example sms
             */
            meter: string;
            /**
             * Format: int64
             * @description How much was used.
             * @example 3
             */
            quantity: number;
        };
        /** @description A page of a list. */
        UsageRecordList: {
            /** @description The items. */
            data: components["schemas"]["UsageRecord"][];
            /** @description The `cursor` of the next page; null on the last page. */
            next_cursor: string | null;
        };
        /** @description A user. */
        User: {
            /**
             * Format: date-time
             * @description The time when the user registered.
             * @example 2026-03-29T08:00:00Z
             */
            created_at: string;
            /**
             * @description The user's id.
             * @example user_01h455vb4pex5vsknk084sn02q
             */
            id: string;
            /**
             * @description Whether the user is an operator, with access to all accounts.
             * @example false
             */
            is_operator: boolean;
            /**
             * @description The username, for login.
             * @example ann
             */
            username: string;
        };
        /**
         * @description The fields to change.
         * @example {
         *       "username": "ann.b"
         *     }
         */
        UserChange: {
            /** @description The new username, 1 to 64 of a-z, 0-9 and . _ - @ +, not only dots. */
            username: string;
        };
        /** @description A body with invalid fields. Lists all of them. */
        ValidationProblem: {
            /**
             * @description The stable error code, for programs.
             * @enum {string}
             */
            code: "unknown_field" | "validation_failed";
            /** @description The explanation, and how to correct the request. */
            detail: string;
            /** @description The request's id, as in `X-Request-Id` and in the log. */
            request_id: string;
            /**
             * Format: int64
             * @description The HTTP status.
             */
            status: number;
            /** @description A short summary of the error. */
            title: string;
            /** @description The URL of the code's description. */
            type: string;
            /** @description The invalid fields. */
            errors: components["schemas"]["FieldProblem"][];
        };
        /** @description The time that a window spans, from `start` up to and not including `end`. */
        Window: {
            /**
             * Format: date-time
             * @description The first instant after it.
             * @example 2026-03-29T22:00:00Z
             */
            end: string;
            /**
             * Format: date-time
             * @description The first instant of the window.
             * @example 2026-03-28T23:00:00Z
             */
            start: string;
            /**
             * @description The account's time zone.
             * @example Europe/Berlin
             */
            time_zone: string;
        };
    };
    responses: {
        /** @description The request is malformed (`invalid_parameter`). */
        InvalidParameter: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Only JSON is available (`not_acceptable`). */
        NotAcceptable: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The body's media type is not supported (`unsupported_media_type`). */
        UnsupportedMediaType: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Too many requests (`rate_limited`). */
        RateLimited: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The headers are too large (`headers_too_large`). */
        HeadersTooLarge: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Internal error (`internal`). */
        Internal: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The request is malformed (`invalid_parameter`). The cursor belongs to another list (`invalid_cursor`). */
        InvalidCursorOrInvalidParameter: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description An access token is required (`unauthenticated`). The token is not valid (`invalid_token`). The access token has expired (`token_expired`). */
        InvalidTokenOrTokenExpiredOrUnauthenticated: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Not found (`not_found`). */
        NotFound: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The service is unavailable (`unavailable`). */
        Unavailable: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The request is malformed (`invalid_parameter`). The body is not JSON (`invalid_json`). Unknown field in the body (`unknown_field`). */
        InvalidJsonOrInvalidParameterOrUnknownField: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["ValidationProblem"] | components["schemas"]["Problem"];
            };
        };
        /** @description Not permitted (`forbidden`). */
        Forbidden: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Request timeout (`request_timeout`). */
        RequestTimeout: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Conflict with the current state (`conflict`). */
        Conflict: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The body is too large (`payload_too_large`). */
        PayloadTooLarge: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Validation failed (`validation_failed`). The Idempotency-Key was used by another request (`idempotency_key_reused`). Unknown plan (`unknown_plan`). */
        IdempotencyKeyReusedOrUnknownPlanOrValidationFailed: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["ValidationProblem"] | components["schemas"]["Problem"];
            };
        };
        /** @description The service is unavailable (`unavailable`). It is unknown whether the request was committed (`outcome_unknown`). */
        OutcomeUnknownOrUnavailable: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The resource has changed (`precondition_failed`). */
        PreconditionFailed: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Validation failed (`validation_failed`). */
        ValidationFailed: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["ValidationProblem"];
            };
        };
        /** @description Not permitted (`forbidden`). The account has no subscription (`subscription_required`). The plan permits no more (`limit_exceeded`). */
        ForbiddenOrLimitExceededOrSubscriptionRequired: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["LimitProblem"] | components["schemas"]["Problem"];
            };
        };
        /** @description Not permitted (`forbidden`). The account has no subscription (`subscription_required`). The plan permits no more bookings that day (`booking_limit_exceeded`). The plan permits no more (`limit_exceeded`). */
        BookingLimitExceededOrForbiddenOrLimitExceededOrSubscriptionRequired: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["LimitProblem"] | components["schemas"]["Problem"];
            };
        };
        /** @description Validation failed (`validation_failed`). The Idempotency-Key was used by another request (`idempotency_key_reused`). */
        IdempotencyKeyReusedOrValidationFailed: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["ValidationProblem"] | components["schemas"]["Problem"];
            };
        };
        /** @description The Idempotency-Key was used by another request (`idempotency_key_reused`). */
        IdempotencyKeyReused: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Not permitted (`forbidden`). The account has no subscription (`subscription_required`). The plan permits no more staff members (`staff_limit_exceeded`). The plan permits no more bookings that day (`booking_limit_exceeded`). The plan permits no more (`limit_exceeded`). */
        BookingLimitExceededOrForbiddenOrLimitExceededOrStaffLimitExceededOrSubscriptionRequired: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["LimitProblem"] | components["schemas"]["Problem"];
            };
        };
        /** @description Not permitted (`forbidden`). The account has no subscription (`subscription_required`). The plan permits no more staff members (`staff_limit_exceeded`). The plan permits no more (`limit_exceeded`). */
        ForbiddenOrLimitExceededOrStaffLimitExceededOrSubscriptionRequired: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["LimitProblem"] | components["schemas"]["Problem"];
            };
        };
        /** @description Conflict with the current state (`conflict`). Current usage exceeds the plan (`over_limit`). */
        ConflictOrOverLimit: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["OverLimitProblem"] | components["schemas"]["Problem"];
            };
        };
        /** @description Validation failed (`validation_failed`). Unknown plan (`unknown_plan`). */
        UnknownPlanOrValidationFailed: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["ValidationProblem"] | components["schemas"]["Problem"];
            };
        };
        /** @description Not permitted (`forbidden`). The account has no subscription (`subscription_required`). */
        ForbiddenOrSubscriptionRequired: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Invalid credentials (`invalid_credentials`). The token is not valid (`invalid_token`). */
        InvalidCredentialsOrInvalidToken: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The token is not valid (`invalid_token`). */
        InvalidToken: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: {
        /** @description The maximum number of items, 1 to 100. Default: 20. */
        Limit: number;
        /** @description The `next_cursor` of the previous page. */
        Cursor: string;
        /** @description A unique key of your choice, such as a UUID. A repeated request with the same key within 24 hours gets the first response again and has no further effect. */
        IdempotencyKey: string;
        /** @description `true` for a dry run, which changes nothing. The response says what the request would do, with 200 instead of 201, or is the error. */
        DryRun: boolean;
        /** @description The `ETag` of the version that you have. If it is still current, the response is 304. */
        IfNoneMatch: string;
        /** @description The `ETag` of the version to get. If the resource has changed since, the response is 412. */
        IfMatch: string;
        /**
         * @description The account's id.
         * @example acct_01h455vb4pex5vsknk084sn02q
         */
        AccountId: string;
        /** @description The `ETag` of the version to change. If the resource has changed since, the request is refused with 412. Without this header, the last write wins. */
        IfMatch2: string;
        /**
         * @description The meter: one of gauges in the catalogue, other than `staff`.
         * @example projects
         */
        Meter: string;
        /**
         * @description Your key, 1 to 128 visible ASCII characters, percent-encoded.
         * @example website
         */
        Key: string;
        /** @description The first day, `YYYY-MM-DD`. */
        From: string;
        /** @description The last day, `YYYY-MM-DD`, not before `from`. */
        To: string;
        /**
         * @description The booking's id.
         * @example bkg_01h455vb4pex5vsknk084sn02q
         */
        BookingId: string;
        /**
         * @description The grant's id.
         * @example grant_01h455vb4pex5vsknk084sn02q
         */
        GrantId: string;
        /**
         * @description The hold's id.
         * @example hold_01h455vb4pex5vsknk084sn02q
         */
        HoldId: string;
        /**
         * @description The user's id or username.
         * @example ann
         */
        UserId: string;
        /**
         * @description The key of a metric, such as `staff` or `bookings_per_day`, or of a feature.
         * @example staff
         */
        Metric: string;
        /**
         * @description The staff member's id.
         * @example staff_01h455vb4pex5vsknk084sn02q
         */
        StaffId: string;
        /**
         * @description The usage record's id.
         * @example use_01h455vb4pex5vsknk084sn02q
         */
        UseId: string;
        /**
         * @description The key's id.
         * @example key_01h455vb4pex5vsknk084sn02q
         */
        ApiKeyId: string;
    };
    requestBodies: never;
    headers: {
        /** @description The request's id, as in the log: the client's `X-Request-Id` if it is valid, else a new id. */
        "X-Request-Id": string;
        /** @description The remaining quota (draft-ietf-httpapi-ratelimit-headers). Absent if the rate limit is off. */
        RateLimit: string;
        /** @description The rate limit that the request counts towards. Absent if it is off. */
        "RateLimit-Policy": string;
        /** @description The number of seconds to wait before a retry. */
        "Retry-After": number;
        /** @description The authentication scheme, and why the token is refused (RFC 6750). */
        "WWW-Authenticate": string;
        /** @description The version of the resource, for `If-Match`. */
        ETag: string;
        /** @description The URL of the next page, as `<…>; rel="next"`. Absent on the last page. */
        Link: string;
        /** @description The path of the new resource. */
        Location: string;
        /** @description `true` if this is the stored response to an earlier request with this idempotency key. */
        "Idempotency-Replayed": boolean;
        /** @description `true` if the request is a dry run, which changes nothing. */
        "Dry-Run": boolean;
    };
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    list_public_keys: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The public keys, the signing key first. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "keys": [
                     *         {
                     *           "kty": "OKP",
                     *           "crv": "Ed25519",
                     *           "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
                     *           "kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
                     *           "alg": "EdDSA",
                     *           "use": "sig"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["PublicKeys"];
                };
            };
            400: components["responses"]["InvalidParameter"];
            406: components["responses"]["NotAcceptable"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
        };
    };
    list_accounts: {
        parameters: {
            query?: {
                /** @description `true` to include removed accounts. Default: false. */
                include_deleted?: boolean;
                /** @description Only the account with this id of your own system. */
                external_id?: string;
                /** @description Only accounts whose name begins with this text, in any letter case, or whose id or `external_id` it is. 1 to 128 characters. */
                search?: string;
                /** @description The maximum number of items, 1 to 100. Default: 20. */
                limit?: components["parameters"]["Limit"];
                /** @description The `next_cursor` of the previous page. */
                cursor?: components["parameters"]["Cursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The accounts. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    Link: components["headers"]["Link"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "id": "acct_01h455vb4pex5vsknk084sn02q",
                     *           "name": "My Salon",
                     *           "time_zone": "Europe/Berlin",
                     *           "subscription": {
                     *             "id": "sub_01h455vb4pex5vsknk084sn02q",
                     *             "account_id": "acct_01h455vb4pex5vsknk084sn02q",
                     *             "plan": "basic",
                     *             "plan_since": "2026-03-29T08:00:00Z",
                     *             "current_period": {
                     *               "start": "2026-03-28T23:00:00Z",
                     *               "end": "2026-04-28T22:00:00Z"
                     *             },
                     *             "scheduled_change": null,
                     *             "created_at": "2026-03-29T08:00:00Z",
                     *             "ended_at": null
                     *           },
                     *           "created_at": "2026-03-29T08:00:00Z",
                     *           "deleted_at": null,
                     *           "external_id": "cus_42",
                     *           "metadata": {
                     *             "crm": "42"
                     *           }
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": components["schemas"]["AccountList"];
                };
            };
            400: components["responses"]["InvalidCursorOrInvalidParameter"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    open_account: {
        parameters: {
            query?: {
                /** @description `true` for a dry run, which changes nothing. The response says what the request would do, with 200 instead of 201, or is the error. */
                dry_run?: components["parameters"]["DryRun"];
            };
            header?: {
                /** @description A unique key of your choice, such as a UUID. A repeated request with the same key within 24 hours gets the first response again and has no further effect. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewAccount"];
            };
        };
        responses: {
            /** @description The account as it would be (dry run). */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    "Dry-Run": components["headers"]["Dry-Run"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "acct_01h455vb4pex5vsknk084sn02q",
                     *       "name": "My Salon",
                     *       "time_zone": "Europe/Berlin",
                     *       "subscription": {
                     *         "id": "sub_01h455vb4pex5vsknk084sn02q",
                     *         "account_id": "acct_01h455vb4pex5vsknk084sn02q",
                     *         "plan": "basic",
                     *         "plan_since": "2026-03-29T08:00:00Z",
                     *         "current_period": {
                     *           "start": "2026-03-28T23:00:00Z",
                     *           "end": "2026-04-28T22:00:00Z"
                     *         },
                     *         "scheduled_change": null,
                     *         "created_at": "2026-03-29T08:00:00Z",
                     *         "ended_at": null
                     *       },
                     *       "created_at": "2026-03-29T08:00:00Z",
                     *       "deleted_at": null,
                     *       "external_id": "cus_42",
                     *       "metadata": {
                     *         "crm": "42"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["Account"];
                };
            };
            /** @description The new account. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    ETag: components["headers"]["ETag"];
                    Location: components["headers"]["Location"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "acct_01h455vb4pex5vsknk084sn02q",
                     *       "name": "My Salon",
                     *       "time_zone": "Europe/Berlin",
                     *       "subscription": null,
                     *       "created_at": "2026-03-29T08:00:00Z",
                     *       "deleted_at": null,
                     *       "external_id": "cus_42",
                     *       "metadata": {
                     *         "crm": "42"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["Account"];
                };
            };
            400: components["responses"]["InvalidJsonOrInvalidParameterOrUnknownField"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["IdempotencyKeyReusedOrUnknownPlanOrValidationFailed"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["OutcomeUnknownOrUnavailable"];
        };
    };
    find_account: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` of the version that you have. If it is still current, the response is 304. */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
                /** @description The `ETag` of the version to get. If the resource has changed since, the response is 412. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /**
                 * @description The account's id.
                 * @example acct_01h455vb4pex5vsknk084sn02q
                 */
                account_id: components["parameters"]["AccountId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The account. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "acct_01h455vb4pex5vsknk084sn02q",
                     *       "name": "My Salon",
                     *       "time_zone": "Europe/Berlin",
                     *       "subscription": {
                     *         "id": "sub_01h455vb4pex5vsknk084sn02q",
                     *         "account_id": "acct_01h455vb4pex5vsknk084sn02q",
                     *         "plan": "basic",
                     *         "plan_since": "2026-03-29T08:00:00Z",
                     *         "current_period": {
                     *           "start": "2026-03-28T23:00:00Z",
                     *           "end": "2026-04-28T22:00:00Z"
                     *         },
                     *         "scheduled_change": null,
                     *         "created_at": "2026-03-29T08:00:00Z",
                     *         "ended_at": null
                     *       },
                     *       "created_at": "2026-03-29T08:00:00Z",
                     *       "deleted_at": null,
                     *       "external_id": "cus_42",
                     *       "metadata": {
                     *         "crm": "42"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["Account"];
                };
            };
            /** @description The version in `If-None-Match` is current. */
            304: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidParameter"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            412: components["responses"]["PreconditionFailed"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    remove_account: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` of the version to change. If the resource has changed since, the request is refused with 412. Without this header, the last write wins. */
                "If-Match"?: components["parameters"]["IfMatch2"];
            };
            path: {
                /**
                 * @description The account's id.
                 * @example acct_01h455vb4pex5vsknk084sn02q
                 */
                account_id: components["parameters"]["AccountId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The account is removed. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidParameter"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            412: components["responses"]["PreconditionFailed"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["OutcomeUnknownOrUnavailable"];
        };
    };
    change_account: {
        parameters: {
            query?: {
                /** @description `true` for a dry run, which changes nothing. The response says what the request would do, with 200 instead of 201, or is the error. */
                dry_run?: components["parameters"]["DryRun"];
            };
            header?: {
                /** @description The `ETag` of the version to change. If the resource has changed since, the request is refused with 412. Without this header, the last write wins. */
                "If-Match"?: components["parameters"]["IfMatch2"];
            };
            path: {
                /**
                 * @description The account's id.
                 * @example acct_01h455vb4pex5vsknk084sn02q
                 */
                account_id: components["parameters"]["AccountId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AccountChange"];
            };
        };
        responses: {
            /** @description The account: changed, or as it would be (dry run). */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    ETag: components["headers"]["ETag"];
                    "Dry-Run": components["headers"]["Dry-Run"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "acct_01h455vb4pex5vsknk084sn02q",
                     *       "name": "My Salon",
                     *       "time_zone": "Europe/Berlin",
                     *       "subscription": {
                     *         "id": "sub_01h455vb4pex5vsknk084sn02q",
                     *         "account_id": "acct_01h455vb4pex5vsknk084sn02q",
                     *         "plan": "basic",
                     *         "plan_since": "2026-03-29T08:00:00Z",
                     *         "current_period": {
                     *           "start": "2026-03-28T23:00:00Z",
                     *           "end": "2026-04-28T22:00:00Z"
                     *         },
                     *         "scheduled_change": null,
                     *         "created_at": "2026-03-29T08:00:00Z",
                     *         "ended_at": null
                     *       },
                     *       "created_at": "2026-03-29T08:00:00Z",
                     *       "deleted_at": null,
                     *       "external_id": "cus_42",
                     *       "metadata": {
                     *         "crm": "42"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["Account"];
                };
            };
            400: components["responses"]["InvalidJsonOrInvalidParameterOrUnknownField"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ValidationFailed"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["OutcomeUnknownOrUnavailable"];
        };
    };
    list_allocations: {
        parameters: {
            query?: {
                /** @description The maximum number of items, 1 to 100. Default: 20. */
                limit?: components["parameters"]["Limit"];
                /** @description The `next_cursor` of the previous page. */
                cursor?: components["parameters"]["Cursor"];
            };
            header?: never;
            path: {
                /**
                 * @description The account's id.
                 * @example acct_01h455vb4pex5vsknk084sn02q
                 */
                account_id: components["parameters"]["AccountId"];
                /**
                 * @description The meter: one of gauges in the catalogue, other than `staff`.
                 * @example projects
                 */
                meter: components["parameters"]["Meter"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The allocations. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    Link: components["headers"]["Link"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "meter": "projects",
                     *           "key": "website",
                     *           "quantity": 1,
                     *           "created_at": "2026-03-20T12:34:56.789012Z",
                     *           "created_by": "user_01h455vb4pex5vsknk084sn02q"
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": components["schemas"]["AllocationList"];
                };
            };
            400: components["responses"]["InvalidCursorOrInvalidParameter"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    replace_allocations: {
        parameters: {
            query?: {
                /** @description `true` for a dry run, which changes nothing. The response says what the request would do, with 200 instead of 201, or is the error. */
                dry_run?: components["parameters"]["DryRun"];
            };
            header?: never;
            path: {
                /**
                 * @description The account's id.
                 * @example acct_01h455vb4pex5vsknk084sn02q
                 */
                account_id: components["parameters"]["AccountId"];
                /**
                 * @description The meter: one of gauges in the catalogue, other than `staff`.
                 * @example projects
                 */
                meter: components["parameters"]["Meter"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AllocationKeys"];
            };
        };
        responses: {
            /** @description What changed, or would change (dry run). */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Dry-Run": components["headers"]["Dry-Run"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "added": [
                     *         "app"
                     *       ],
                     *       "removed": [
                     *         "shop"
                     *       ],
                     *       "unchanged": [
                     *         "website"
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["AllocationsReplaced"];
                };
            };
            400: components["responses"]["InvalidJsonOrInvalidParameterOrUnknownField"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            403: components["responses"]["ForbiddenOrLimitExceededOrSubscriptionRequired"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ValidationFailed"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["OutcomeUnknownOrUnavailable"];
        };
    };
    find_allocation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The account's id.
                 * @example acct_01h455vb4pex5vsknk084sn02q
                 */
                account_id: components["parameters"]["AccountId"];
                /**
                 * @description The meter: one of gauges in the catalogue, other than `staff`.
                 * @example projects
                 */
                meter: components["parameters"]["Meter"];
                /**
                 * @description Your key, 1 to 128 visible ASCII characters, percent-encoded.
                 * @example website
                 */
                key: components["parameters"]["Key"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The allocation. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "meter": "projects",
                     *       "key": "website",
                     *       "quantity": 1,
                     *       "created_at": "2026-03-20T12:34:56.789012Z",
                     *       "created_by": "user_01h455vb4pex5vsknk084sn02q"
                     *     }
                     */
                    "application/json": components["schemas"]["Allocation"];
                };
            };
            400: components["responses"]["InvalidParameter"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    put_allocation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The account's id.
                 * @example acct_01h455vb4pex5vsknk084sn02q
                 */
                account_id: components["parameters"]["AccountId"];
                /**
                 * @description The meter: one of gauges in the catalogue, other than `staff`.
                 * @example projects
                 */
                meter: components["parameters"]["Meter"];
                /**
                 * @description Your key, 1 to 128 visible ASCII characters, percent-encoded.
                 * @example website
                 */
                key: components["parameters"]["Key"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AllocationQuantity"];
            };
        };
        responses: {
            /** @description The allocation, which existed already. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "meter": "projects",
                     *       "key": "website",
                     *       "quantity": 2,
                     *       "created_at": "2026-03-20T12:34:56.789012Z",
                     *       "created_by": "user_01h455vb4pex5vsknk084sn02q"
                     *     }
                     */
                    "application/json": components["schemas"]["Allocation"];
                };
            };
            /** @description The new allocation. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    ETag: components["headers"]["ETag"];
                    Location: components["headers"]["Location"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "meter": "projects",
                     *       "key": "website",
                     *       "quantity": 1,
                     *       "created_at": "2026-03-20T12:34:56.789012Z",
                     *       "created_by": "user_01h455vb4pex5vsknk084sn02q"
                     *     }
                     */
                    "application/json": components["schemas"]["Allocation"];
                };
            };
            400: components["responses"]["InvalidJsonOrInvalidParameterOrUnknownField"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            403: components["responses"]["ForbiddenOrLimitExceededOrSubscriptionRequired"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ValidationFailed"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["OutcomeUnknownOrUnavailable"];
        };
    };
    remove_allocation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The account's id.
                 * @example acct_01h455vb4pex5vsknk084sn02q
                 */
                account_id: components["parameters"]["AccountId"];
                /**
                 * @description The meter: one of gauges in the catalogue, other than `staff`.
                 * @example projects
                 */
                meter: components["parameters"]["Meter"];
                /**
                 * @description Your key, 1 to 128 visible ASCII characters, percent-encoded.
                 * @example website
                 */
                key: components["parameters"]["Key"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The key is not allocated. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidParameter"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["OutcomeUnknownOrUnavailable"];
        };
    };
    list_audit: {
        parameters: {
            query?: {
                /** @description The maximum number of items, 1 to 100. Default: 20. */
                limit?: components["parameters"]["Limit"];
                /** @description The `next_cursor` of the previous page. */
                cursor?: components["parameters"]["Cursor"];
            };
            header?: never;
            path: {
                /**
                 * @description The account's id.
                 * @example acct_01h455vb4pex5vsknk084sn02q
                 */
                account_id: components["parameters"]["AccountId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The entries. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    Link: components["headers"]["Link"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "id": "audit_01h455vb4pex5vsknk084sn02q",
                     *           "action": "booking.changed",
                     *           "resource": "bkg_01h455vb4pex5vsknk084sn02q",
                     *           "user_id": "user_01h455vb4pex5vsknk084sn02q",
                     *           "api_key_id": null,
                     *           "address": "203.0.113.7",
                     *           "request_id": "0195b1e0c5f27a4e8a3f6d2b9c1e7f04",
                     *           "created_at": "2026-03-29T08:00:00Z"
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": components["schemas"]["AuditList"];
                };
            };
            400: components["responses"]["InvalidCursorOrInvalidParameter"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    list_bookings: {
        parameters: {
            query?: {
                /** @description The first day, `YYYY-MM-DD`. */
                from?: components["parameters"]["From"];
                /** @description The last day, `YYYY-MM-DD`, not before `from`. */
                to?: components["parameters"]["To"];
                /** @description The id of the staff member. */
                staff_id?: string;
                /** @description `true` to include removed bookings. Default: false. */
                include_deleted?: boolean;
                /** @description The maximum number of items, 1 to 100. Default: 20. */
                limit?: components["parameters"]["Limit"];
                /** @description The `next_cursor` of the previous page. */
                cursor?: components["parameters"]["Cursor"];
            };
            header?: never;
            path: {
                /**
                 * @description The account's id.
                 * @example acct_01h455vb4pex5vsknk084sn02q
                 */
                account_id: components["parameters"]["AccountId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The bookings. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    Link: components["headers"]["Link"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "id": "bkg_01h455vb4pex5vsknk084sn02q",
                     *           "account_id": "acct_01h455vb4pex5vsknk084sn02q",
                     *           "day": "2026-03-29",
                     *           "starts_at": "2026-03-29T08:00:00Z",
                     *           "customer_name": "Ben",
                     *           "staff_id": null,
                     *           "notes": null,
                     *           "created_at": "2026-03-20T12:34:56.789012Z",
                     *           "created_by": "user_01h455vb4pex5vsknk084sn02q",
                     *           "deleted_at": null
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": components["schemas"]["BookingList"];
                };
            };
            400: components["responses"]["InvalidCursorOrInvalidParameter"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    create_booking: {
        parameters: {
            query?: {
                /** @description `true` for a dry run, which changes nothing. The response says what the request would do, with 200 instead of 201, or is the error. */
                dry_run?: components["parameters"]["DryRun"];
            };
            header?: {
                /** @description A unique key of your choice, such as a UUID. A repeated request with the same key within 24 hours gets the first response again and has no further effect. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /**
                 * @description The account's id.
                 * @example acct_01h455vb4pex5vsknk084sn02q
                 */
                account_id: components["parameters"]["AccountId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewBooking"];
            };
        };
        responses: {
            /** @description The booking as it would be (dry run). */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    "Dry-Run": components["headers"]["Dry-Run"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "bkg_01h455vb4pex5vsknk084sn02q",
                     *       "account_id": "acct_01h455vb4pex5vsknk084sn02q",
                     *       "day": "2026-03-29",
                     *       "starts_at": "2026-03-29T08:00:00Z",
                     *       "customer_name": "Ben",
                     *       "staff_id": null,
                     *       "notes": null,
                     *       "created_at": "2026-03-20T12:34:56.789012Z",
                     *       "created_by": "user_01h455vb4pex5vsknk084sn02q",
                     *       "deleted_at": null
                     *     }
                     */
                    "application/json": components["schemas"]["Booking"];
                };
            };
            /** @description The new booking. It is durable on disk. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    ETag: components["headers"]["ETag"];
                    Location: components["headers"]["Location"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "bkg_01h455vb4pex5vsknk084sn02q",
                     *       "account_id": "acct_01h455vb4pex5vsknk084sn02q",
                     *       "day": "2026-03-29",
                     *       "starts_at": "2026-03-29T08:00:00Z",
                     *       "customer_name": "Ben",
                     *       "staff_id": null,
                     *       "notes": null,
                     *       "created_at": "2026-03-20T12:34:56.789012Z",
                     *       "created_by": "user_01h455vb4pex5vsknk084sn02q",
                     *       "deleted_at": null
                     *     }
                     */
                    "application/json": components["schemas"]["Booking"];
                };
            };
            400: components["responses"]["InvalidJsonOrInvalidParameterOrUnknownField"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            403: components["responses"]["BookingLimitExceededOrForbiddenOrLimitExceededOrSubscriptionRequired"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["IdempotencyKeyReusedOrValidationFailed"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["OutcomeUnknownOrUnavailable"];
        };
    };
    find_booking: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` of the version that you have. If it is still current, the response is 304. */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
                /** @description The `ETag` of the version to get. If the resource has changed since, the response is 412. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /**
                 * @description The account's id.
                 * @example acct_01h455vb4pex5vsknk084sn02q
                 */
                account_id: components["parameters"]["AccountId"];
                /**
                 * @description The booking's id.
                 * @example bkg_01h455vb4pex5vsknk084sn02q
                 */
                booking_id: components["parameters"]["BookingId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The booking. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "bkg_01h455vb4pex5vsknk084sn02q",
                     *       "account_id": "acct_01h455vb4pex5vsknk084sn02q",
                     *       "day": "2026-03-29",
                     *       "starts_at": "2026-03-29T08:00:00Z",
                     *       "customer_name": "Ben",
                     *       "staff_id": null,
                     *       "notes": null,
                     *       "created_at": "2026-03-20T12:34:56.789012Z",
                     *       "created_by": "user_01h455vb4pex5vsknk084sn02q",
                     *       "deleted_at": null
                     *     }
                     */
                    "application/json": components["schemas"]["Booking"];
                };
            };
            /** @description The version in `If-None-Match` is current. */
            304: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidParameter"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            412: components["responses"]["PreconditionFailed"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    remove_booking: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` of the version to change. If the resource has changed since, the request is refused with 412. Without this header, the last write wins. */
                "If-Match"?: components["parameters"]["IfMatch2"];
            };
            path: {
                /**
                 * @description The account's id.
                 * @example acct_01h455vb4pex5vsknk084sn02q
                 */
                account_id: components["parameters"]["AccountId"];
                /**
                 * @description The booking's id.
                 * @example bkg_01h455vb4pex5vsknk084sn02q
                 */
                booking_id: components["parameters"]["BookingId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The booking is removed. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidParameter"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            412: components["responses"]["PreconditionFailed"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["OutcomeUnknownOrUnavailable"];
        };
    };
    change_booking: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` of the version to change. If the resource has changed since, the request is refused with 412. Without this header, the last write wins. */
                "If-Match"?: components["parameters"]["IfMatch2"];
            };
            path: {
                /**
                 * @description The account's id.
                 * @example acct_01h455vb4pex5vsknk084sn02q
                 */
                account_id: components["parameters"]["AccountId"];
                /**
                 * @description The booking's id.
                 * @example bkg_01h455vb4pex5vsknk084sn02q
                 */
                booking_id: components["parameters"]["BookingId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BookingPatch"];
            };
        };
        responses: {
            /** @description The changed booking. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "bkg_01h455vb4pex5vsknk084sn02q",
                     *       "account_id": "acct_01h455vb4pex5vsknk084sn02q",
                     *       "day": "2026-03-30",
                     *       "starts_at": "2026-03-30T08:00:00Z",
                     *       "customer_name": "Ben",
                     *       "staff_id": null,
                     *       "notes": "First visit",
                     *       "created_at": "2026-03-20T12:34:56.789012Z",
                     *       "created_by": "user_01h455vb4pex5vsknk084sn02q",
                     *       "deleted_at": null
                     *     }
                     */
                    "application/json": components["schemas"]["Booking"];
                };
            };
            400: components["responses"]["InvalidJsonOrInvalidParameterOrUnknownField"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            403: components["responses"]["BookingLimitExceededOrForbiddenOrLimitExceededOrSubscriptionRequired"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ValidationFailed"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["OutcomeUnknownOrUnavailable"];
        };
    };
    restore_booking: {
        parameters: {
            query?: never;
            header?: {
                /** @description A unique key of your choice, such as a UUID. A repeated request with the same key within 24 hours gets the first response again and has no further effect. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                /** @description The `ETag` of the version to change. If the resource has changed since, the request is refused with 412. Without this header, the last write wins. */
                "If-Match"?: components["parameters"]["IfMatch2"];
            };
            path: {
                /**
                 * @description The account's id.
                 * @example acct_01h455vb4pex5vsknk084sn02q
                 */
                account_id: components["parameters"]["AccountId"];
                /**
                 * @description The booking's id.
                 * @example bkg_01h455vb4pex5vsknk084sn02q
                 */
                booking_id: components["parameters"]["BookingId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The booking. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    ETag: components["headers"]["ETag"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "bkg_01h455vb4pex5vsknk084sn02q",
                     *       "account_id": "acct_01h455vb4pex5vsknk084sn02q",
                     *       "day": "2026-03-29",
                     *       "starts_at": "2026-03-29T08:00:00Z",
                     *       "customer_name": "Ben",
                     *       "staff_id": null,
                     *       "notes": null,
                     *       "created_at": "2026-03-20T12:34:56.789012Z",
                     *       "created_by": "user_01h455vb4pex5vsknk084sn02q",
                     *       "deleted_at": null
                     *     }
                     */
                    "application/json": components["schemas"]["Booking"];
                };
            };
            400: components["responses"]["InvalidParameter"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            403: components["responses"]["BookingLimitExceededOrForbiddenOrLimitExceededOrSubscriptionRequired"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["IdempotencyKeyReused"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["OutcomeUnknownOrUnavailable"];
        };
    };
    check: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The account's id.
                 * @example acct_01h455vb4pex5vsknk084sn02q
                 */
                account_id: components["parameters"]["AccountId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CheckRequest"];
            };
        };
        responses: {
            /** @description The result of the check. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "allowed": false,
                     *       "code": "booking_limit_exceeded",
                     *       "quantity": 3,
                     *       "plan": "basic",
                     *       "metric": "bookings_per_day",
                     *       "limit": 5,
                     *       "used": 3,
                     *       "remaining": 2,
                     *       "window": {
                     *         "start": "2026-03-28T23:00:00Z",
                     *         "end": "2026-03-29T22:00:00Z",
                     *         "time_zone": "Europe/Berlin"
                     *       },
                     *       "next_allowed_day": "2026-03-30",
                     *       "plans_that_allow": [
                     *         "pro"
                     *       ],
                     *       "meter": "bookings",
                     *       "next_allowed_at": "2026-03-29T22:00:00Z",
                     *       "exceeded": [
                     *         {
                     *           "metric": "bookings_per_day",
                     *           "limit": 5,
                     *           "used": 3,
                     *           "requested": 3,
                     *           "remaining": 2,
                     *           "window": {
                     *             "start": "2026-03-28T23:00:00Z",
                     *             "end": "2026-03-29T22:00:00Z",
                     *             "time_zone": "Europe/Berlin"
                     *           },
                     *           "next_allowed_at": "2026-03-29T22:00:00Z"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["CheckResponse"];
                };
            };
            400: components["responses"]["InvalidJsonOrInvalidParameterOrUnknownField"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ValidationFailed"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    list_entitlements: {
        parameters: {
            query?: {
                /** @description The day of the limits per day, from 1970-01-01 to 2199-12-31. Default: today in the account's time zone. */
                on?: string;
            };
            header?: {
                /** @description The `ETag` of the version that you have. If it is still current, the response is 304. */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
                /** @description The `ETag` of the version to get. If the resource has changed since, the response is 412. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /**
                 * @description The account's id.
                 * @example acct_01h455vb4pex5vsknk084sn02q
                 */
                account_id: components["parameters"]["AccountId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The entitlements. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "account_id": "acct_01h455vb4pex5vsknk084sn02q",
                     *       "plan": "basic",
                     *       "on": "2026-03-29",
                     *       "entitlements": [
                     *         {
                     *           "metric": "staff",
                     *           "limit": 4,
                     *           "used": 3,
                     *           "remaining": 1,
                     *           "over_by": 0,
                     *           "window": null,
                     *           "plan": "basic",
                     *           "override": {
                     *             "limit": 4,
                     *             "reason": "Trial until the autumn",
                     *             "expires_at": "2026-09-01T00:00:00Z",
                     *             "created_by": "user_01h455vb4pex5vsknk084sn02q",
                     *             "created_at": "2026-03-20T12:34:56.789012Z"
                     *           },
                     *           "meter": "staff",
                     *           "kind": "gauge",
                     *           "held": 0,
                     *           "granted": 0
                     *         },
                     *         {
                     *           "metric": "bookings_per_day",
                     *           "limit": 5,
                     *           "used": 2,
                     *           "remaining": 3,
                     *           "over_by": 0,
                     *           "window": {
                     *             "start": "2026-03-28T23:00:00Z",
                     *             "end": "2026-03-29T22:00:00Z",
                     *             "time_zone": "Europe/Berlin"
                     *           },
                     *           "plan": "basic",
                     *           "override": null,
                     *           "meter": "bookings",
                     *           "kind": "counter",
                     *           "held": 0,
                     *           "granted": 0
                     *         }
                     *       ],
                     *       "features": [
                     *         {
                     *           "feature": "sso",
                     *           "value": true,
                     *           "plan_value": false,
                     *           "plan": "basic",
                     *           "override": {
                     *             "feature": "sso",
                     *             "value": true,
                     *             "reason": "A pilot",
                     *             "expires_at": "2026-09-01T00:00:00Z",
                     *             "created_by": "user_01h455vb4pex5vsknk084sn02q",
                     *             "created_at": "2026-03-20T12:34:56.789012Z"
                     *           }
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["AccountEntitlements"];
                };
            };
            /** @description The version in `If-None-Match` is current. */
            304: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidParameter"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            412: components["responses"]["PreconditionFailed"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    erase_account: {
        parameters: {
            query?: {
                /** @description `true` for a dry run, which changes nothing. The response says what the request would do, with 200 instead of 201, or is the error. */
                dry_run?: components["parameters"]["DryRun"];
            };
            header?: {
                /** @description A unique key of your choice, such as a UUID. A repeated request with the same key within 24 hours gets the first response again and has no further effect. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /**
                 * @description The account's id.
                 * @example acct_01h455vb4pex5vsknk084sn02q
                 */
                account_id: components["parameters"]["AccountId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The erasure, or what it would erase (dry run). */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    ETag: components["headers"]["ETag"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    "Dry-Run": components["headers"]["Dry-Run"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "acct_01h455vb4pex5vsknk084sn02q",
                     *       "erased_at": null,
                     *       "counts": {
                     *         "members": 2,
                     *         "staff_members": 3,
                     *         "bookings": 120,
                     *         "usage_records": 0,
                     *         "allocations": 0,
                     *         "holds": 0,
                     *         "audit_entries": 14,
                     *         "sessions": 0,
                     *         "api_keys": 0
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["Erasure"];
                };
            };
            400: components["responses"]["InvalidParameter"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["IdempotencyKeyReused"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["OutcomeUnknownOrUnavailable"];
        };
    };
    list_grants: {
        parameters: {
            query?: {
                /** @description The maximum number of items, 1 to 100. Default: 20. */
                limit?: components["parameters"]["Limit"];
                /** @description The `next_cursor` of the previous page. */
                cursor?: components["parameters"]["Cursor"];
            };
            header?: never;
            path: {
                /**
                 * @description The account's id.
                 * @example acct_01h455vb4pex5vsknk084sn02q
                 */
                account_id: components["parameters"]["AccountId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The grants. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    Link: components["headers"]["Link"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "id": "grant_01h455vb4pex5vsknk084sn02q",
                     *           "account_id": "acct_01h455vb4pex5vsknk084sn02q",
                     *           "metric": "staff",
                     *           "quantity": 5,
                     *           "reason": "Add-on",
                     *           "reference": "in_123",
                     *           "expires_at": "2026-09-01T00:00:00Z",
                     *           "created_by": "user_01h455vb4pex5vsknk084sn02q",
                     *           "created_at": "2026-03-20T12:34:56.789012Z"
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": components["schemas"]["GrantList"];
                };
            };
            400: components["responses"]["InvalidCursorOrInvalidParameter"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    create_grant: {
        parameters: {
            query?: {
                /** @description `true` for a dry run, which changes nothing. The response says what the request would do, with 200 instead of 201, or is the error. */
                dry_run?: components["parameters"]["DryRun"];
            };
            header?: {
                /** @description A unique key of your choice, such as a UUID. A repeated request with the same key within 24 hours gets the first response again and has no further effect. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /**
                 * @description The account's id.
                 * @example acct_01h455vb4pex5vsknk084sn02q
                 */
                account_id: components["parameters"]["AccountId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewGrant"];
            };
        };
        responses: {
            /** @description The grant as it would be (dry run). */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    "Dry-Run": components["headers"]["Dry-Run"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "grant_01h455vb4pex5vsknk084sn02q",
                     *       "account_id": "acct_01h455vb4pex5vsknk084sn02q",
                     *       "metric": "staff",
                     *       "quantity": 5,
                     *       "reason": "Add-on",
                     *       "reference": "in_123",
                     *       "expires_at": "2026-09-01T00:00:00Z",
                     *       "created_by": "user_01h455vb4pex5vsknk084sn02q",
                     *       "created_at": "2026-03-20T12:34:56.789012Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Grant"];
                };
            };
            /** @description The new grant. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    ETag: components["headers"]["ETag"];
                    Location: components["headers"]["Location"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "grant_01h455vb4pex5vsknk084sn02q",
                     *       "account_id": "acct_01h455vb4pex5vsknk084sn02q",
                     *       "metric": "staff",
                     *       "quantity": 5,
                     *       "reason": "Add-on",
                     *       "reference": "in_123",
                     *       "expires_at": "2026-09-01T00:00:00Z",
                     *       "created_by": "user_01h455vb4pex5vsknk084sn02q",
                     *       "created_at": "2026-03-20T12:34:56.789012Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Grant"];
                };
            };
            400: components["responses"]["InvalidJsonOrInvalidParameterOrUnknownField"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["IdempotencyKeyReusedOrValidationFailed"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["OutcomeUnknownOrUnavailable"];
        };
    };
    find_grant: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` of the version that you have. If it is still current, the response is 304. */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
                /** @description The `ETag` of the version to get. If the resource has changed since, the response is 412. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /**
                 * @description The account's id.
                 * @example acct_01h455vb4pex5vsknk084sn02q
                 */
                account_id: components["parameters"]["AccountId"];
                /**
                 * @description The grant's id.
                 * @example grant_01h455vb4pex5vsknk084sn02q
                 */
                grant_id: components["parameters"]["GrantId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The grant. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "grant_01h455vb4pex5vsknk084sn02q",
                     *       "account_id": "acct_01h455vb4pex5vsknk084sn02q",
                     *       "metric": "staff",
                     *       "quantity": 5,
                     *       "reason": "Add-on",
                     *       "reference": "in_123",
                     *       "expires_at": "2026-09-01T00:00:00Z",
                     *       "created_by": "user_01h455vb4pex5vsknk084sn02q",
                     *       "created_at": "2026-03-20T12:34:56.789012Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Grant"];
                };
            };
            /** @description The version in `If-None-Match` is current. */
            304: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidParameter"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            412: components["responses"]["PreconditionFailed"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    remove_grant: {
        parameters: {
            query?: {
                /** @description `true` for a dry run, which changes nothing. The response says what the request would do, with 200 instead of 201, or is the error. */
                dry_run?: components["parameters"]["DryRun"];
            };
            header?: {
                /** @description The `ETag` of the version to change. If the resource has changed since, the request is refused with 412. Without this header, the last write wins. */
                "If-Match"?: components["parameters"]["IfMatch2"];
            };
            path: {
                /**
                 * @description The account's id.
                 * @example acct_01h455vb4pex5vsknk084sn02q
                 */
                account_id: components["parameters"]["AccountId"];
                /**
                 * @description The grant's id.
                 * @example grant_01h455vb4pex5vsknk084sn02q
                 */
                grant_id: components["parameters"]["GrantId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The account does not have this grant. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Dry-Run": components["headers"]["Dry-Run"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidParameter"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            412: components["responses"]["PreconditionFailed"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["OutcomeUnknownOrUnavailable"];
        };
    };
    list_holds: {
        parameters: {
            query?: {
                /** @description The maximum number of items, 1 to 100. Default: 20. */
                limit?: components["parameters"]["Limit"];
                /** @description The `next_cursor` of the previous page. */
                cursor?: components["parameters"]["Cursor"];
            };
            header?: never;
            path: {
                /**
                 * @description The account's id.
                 * @example acct_01h455vb4pex5vsknk084sn02q
                 */
                account_id: components["parameters"]["AccountId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The holds. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    Link: components["headers"]["Link"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "id": "hold_01h455vb4pex5vsknk084sn02q",
                     *           "account_id": "acct_01h455vb4pex5vsknk084sn02q",
                     *           "meter": "staff",
                     *           "quantity": 1,
                     *           "state": "held",
                     *           "at": "2026-03-20T12:34:56.789012Z",
                     *           "expires_at": "2026-03-27T12:34:56.789012Z",
                     *           "reference": "invite:42",
                     *           "created_at": "2026-03-20T12:34:56.789012Z",
                     *           "created_by": "user_01h455vb4pex5vsknk084sn02q",
                     *           "closed_at": null
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": components["schemas"]["HoldList"];
                };
            };
            400: components["responses"]["InvalidCursorOrInvalidParameter"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    create_hold: {
        parameters: {
            query?: {
                /** @description `true` for a dry run, which changes nothing. The response says what the request would do, with 200 instead of 201, or is the error. */
                dry_run?: components["parameters"]["DryRun"];
            };
            header?: {
                /** @description A unique key of your choice, such as a UUID. A repeated request with the same key within 24 hours gets the first response again and has no further effect. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /**
                 * @description The account's id.
                 * @example acct_01h455vb4pex5vsknk084sn02q
                 */
                account_id: components["parameters"]["AccountId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewHold"];
            };
        };
        responses: {
            /** @description The hold as it would be (dry run). */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    "Dry-Run": components["headers"]["Dry-Run"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "hold_01h455vb4pex5vsknk084sn02q",
                     *       "account_id": "acct_01h455vb4pex5vsknk084sn02q",
                     *       "meter": "staff",
                     *       "quantity": 1,
                     *       "state": "held",
                     *       "at": "2026-03-20T12:34:56.789012Z",
                     *       "expires_at": "2026-03-27T12:34:56.789012Z",
                     *       "reference": "invite:42",
                     *       "created_at": "2026-03-20T12:34:56.789012Z",
                     *       "created_by": "user_01h455vb4pex5vsknk084sn02q",
                     *       "closed_at": null
                     *     }
                     */
                    "application/json": components["schemas"]["Hold"];
                };
            };
            /** @description The new hold. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    ETag: components["headers"]["ETag"];
                    Location: components["headers"]["Location"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "hold_01h455vb4pex5vsknk084sn02q",
                     *       "account_id": "acct_01h455vb4pex5vsknk084sn02q",
                     *       "meter": "staff",
                     *       "quantity": 1,
                     *       "state": "held",
                     *       "at": "2026-03-20T12:34:56.789012Z",
                     *       "expires_at": "2026-03-27T12:34:56.789012Z",
                     *       "reference": "invite:42",
                     *       "created_at": "2026-03-20T12:34:56.789012Z",
                     *       "created_by": "user_01h455vb4pex5vsknk084sn02q",
                     *       "closed_at": null
                     *     }
                     */
                    "application/json": components["schemas"]["Hold"];
                };
            };
            400: components["responses"]["InvalidJsonOrInvalidParameterOrUnknownField"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            403: components["responses"]["BookingLimitExceededOrForbiddenOrLimitExceededOrStaffLimitExceededOrSubscriptionRequired"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["IdempotencyKeyReusedOrValidationFailed"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["OutcomeUnknownOrUnavailable"];
        };
    };
    find_hold: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` of the version that you have. If it is still current, the response is 304. */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
                /** @description The `ETag` of the version to get. If the resource has changed since, the response is 412. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /**
                 * @description The account's id.
                 * @example acct_01h455vb4pex5vsknk084sn02q
                 */
                account_id: components["parameters"]["AccountId"];
                /**
                 * @description The hold's id.
                 * @example hold_01h455vb4pex5vsknk084sn02q
                 */
                hold_id: components["parameters"]["HoldId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The hold. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "hold_01h455vb4pex5vsknk084sn02q",
                     *       "account_id": "acct_01h455vb4pex5vsknk084sn02q",
                     *       "meter": "staff",
                     *       "quantity": 1,
                     *       "state": "held",
                     *       "at": "2026-03-20T12:34:56.789012Z",
                     *       "expires_at": "2026-03-27T12:34:56.789012Z",
                     *       "reference": "invite:42",
                     *       "created_at": "2026-03-20T12:34:56.789012Z",
                     *       "created_by": "user_01h455vb4pex5vsknk084sn02q",
                     *       "closed_at": null
                     *     }
                     */
                    "application/json": components["schemas"]["Hold"];
                };
            };
            /** @description The version in `If-None-Match` is current. */
            304: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidParameter"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            412: components["responses"]["PreconditionFailed"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    confirm_hold: {
        parameters: {
            query?: {
                /** @description `true` for a dry run, which changes nothing. The response says what the request would do, with 200 instead of 201, or is the error. */
                dry_run?: components["parameters"]["DryRun"];
            };
            header?: {
                /** @description A unique key of your choice, such as a UUID. A repeated request with the same key within 24 hours gets the first response again and has no further effect. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                /** @description The `ETag` of the version to change. If the resource has changed since, the request is refused with 412. Without this header, the last write wins. */
                "If-Match"?: components["parameters"]["IfMatch2"];
            };
            path: {
                /**
                 * @description The account's id.
                 * @example acct_01h455vb4pex5vsknk084sn02q
                 */
                account_id: components["parameters"]["AccountId"];
                /**
                 * @description The hold's id.
                 * @example hold_01h455vb4pex5vsknk084sn02q
                 */
                hold_id: components["parameters"]["HoldId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["HoldConfirmation"];
            };
        };
        responses: {
            /** @description The confirmed hold, or as it would be (dry run). */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    ETag: components["headers"]["ETag"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    "Dry-Run": components["headers"]["Dry-Run"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "hold_01h455vb4pex5vsknk084sn02q",
                     *       "account_id": "acct_01h455vb4pex5vsknk084sn02q",
                     *       "meter": "projects",
                     *       "quantity": 1,
                     *       "state": "confirmed",
                     *       "at": "2026-03-20T12:34:56.789012Z",
                     *       "expires_at": "2026-03-27T12:34:56.789012Z",
                     *       "reference": "invite:42",
                     *       "created_at": "2026-03-20T12:34:56.789012Z",
                     *       "created_by": "user_01h455vb4pex5vsknk084sn02q",
                     *       "closed_at": "2026-03-21T09:00:00Z",
                     *       "usage_id": null,
                     *       "allocation_key": "website"
                     *     }
                     */
                    "application/json": components["schemas"]["ConfirmedHold"];
                };
            };
            400: components["responses"]["InvalidJsonOrInvalidParameterOrUnknownField"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            403: components["responses"]["ForbiddenOrLimitExceededOrSubscriptionRequired"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["IdempotencyKeyReusedOrValidationFailed"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["OutcomeUnknownOrUnavailable"];
        };
    };
    extend_hold: {
        parameters: {
            query?: {
                /** @description `true` for a dry run, which changes nothing. The response says what the request would do, with 200 instead of 201, or is the error. */
                dry_run?: components["parameters"]["DryRun"];
            };
            header?: {
                /** @description A unique key of your choice, such as a UUID. A repeated request with the same key within 24 hours gets the first response again and has no further effect. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                /** @description The `ETag` of the version to change. If the resource has changed since, the request is refused with 412. Without this header, the last write wins. */
                "If-Match"?: components["parameters"]["IfMatch2"];
            };
            path: {
                /**
                 * @description The account's id.
                 * @example acct_01h455vb4pex5vsknk084sn02q
                 */
                account_id: components["parameters"]["AccountId"];
                /**
                 * @description The hold's id.
                 * @example hold_01h455vb4pex5vsknk084sn02q
                 */
                hold_id: components["parameters"]["HoldId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["HoldExtension"];
            };
        };
        responses: {
            /** @description The hold, or as it would be (dry run). */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    ETag: components["headers"]["ETag"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    "Dry-Run": components["headers"]["Dry-Run"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "hold_01h455vb4pex5vsknk084sn02q",
                     *       "account_id": "acct_01h455vb4pex5vsknk084sn02q",
                     *       "meter": "staff",
                     *       "quantity": 1,
                     *       "state": "held",
                     *       "at": "2026-03-20T12:34:56.789012Z",
                     *       "expires_at": "2026-04-04T09:00:00Z",
                     *       "reference": "invite:42",
                     *       "created_at": "2026-03-20T12:34:56.789012Z",
                     *       "created_by": "user_01h455vb4pex5vsknk084sn02q",
                     *       "closed_at": null
                     *     }
                     */
                    "application/json": components["schemas"]["Hold"];
                };
            };
            400: components["responses"]["InvalidJsonOrInvalidParameterOrUnknownField"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["IdempotencyKeyReusedOrValidationFailed"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["OutcomeUnknownOrUnavailable"];
        };
    };
    release_hold: {
        parameters: {
            query?: {
                /** @description `true` for a dry run, which changes nothing. The response says what the request would do, with 200 instead of 201, or is the error. */
                dry_run?: components["parameters"]["DryRun"];
            };
            header?: {
                /** @description A unique key of your choice, such as a UUID. A repeated request with the same key within 24 hours gets the first response again and has no further effect. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                /** @description The `ETag` of the version to change. If the resource has changed since, the request is refused with 412. Without this header, the last write wins. */
                "If-Match"?: components["parameters"]["IfMatch2"];
            };
            path: {
                /**
                 * @description The account's id.
                 * @example acct_01h455vb4pex5vsknk084sn02q
                 */
                account_id: components["parameters"]["AccountId"];
                /**
                 * @description The hold's id.
                 * @example hold_01h455vb4pex5vsknk084sn02q
                 */
                hold_id: components["parameters"]["HoldId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The hold, or as it would be (dry run). */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    ETag: components["headers"]["ETag"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    "Dry-Run": components["headers"]["Dry-Run"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "hold_01h455vb4pex5vsknk084sn02q",
                     *       "account_id": "acct_01h455vb4pex5vsknk084sn02q",
                     *       "meter": "staff",
                     *       "quantity": 1,
                     *       "state": "released",
                     *       "at": "2026-03-20T12:34:56.789012Z",
                     *       "expires_at": "2026-03-27T12:34:56.789012Z",
                     *       "reference": "invite:42",
                     *       "created_at": "2026-03-20T12:34:56.789012Z",
                     *       "created_by": "user_01h455vb4pex5vsknk084sn02q",
                     *       "closed_at": "2026-03-21T09:00:00Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Hold"];
                };
            };
            400: components["responses"]["InvalidParameter"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["IdempotencyKeyReused"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["OutcomeUnknownOrUnavailable"];
        };
    };
    list_members: {
        parameters: {
            query?: {
                /** @description The maximum number of items, 1 to 100. Default: 20. */
                limit?: components["parameters"]["Limit"];
                /** @description The `next_cursor` of the previous page. */
                cursor?: components["parameters"]["Cursor"];
            };
            header?: never;
            path: {
                /**
                 * @description The account's id.
                 * @example acct_01h455vb4pex5vsknk084sn02q
                 */
                account_id: components["parameters"]["AccountId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The members. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    Link: components["headers"]["Link"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "id": "user_01h455vb4pex5vsknk084sn02q",
                     *           "account_id": "acct_01h455vb4pex5vsknk084sn02q",
                     *           "username": "ann",
                     *           "role": "manager",
                     *           "is_pending": false,
                     *           "created_at": "2026-03-29T08:00:00Z"
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": components["schemas"]["MemberList"];
                };
            };
            400: components["responses"]["InvalidCursorOrInvalidParameter"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    find_member: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` of the version that you have. If it is still current, the response is 304. */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
                /** @description The `ETag` of the version to get. If the resource has changed since, the response is 412. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /**
                 * @description The account's id.
                 * @example acct_01h455vb4pex5vsknk084sn02q
                 */
                account_id: components["parameters"]["AccountId"];
                /**
                 * @description The user's id or username.
                 * @example ann
                 */
                user_id: components["parameters"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The member. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "user_01h455vb4pex5vsknk084sn02q",
                     *       "account_id": "acct_01h455vb4pex5vsknk084sn02q",
                     *       "username": "ann",
                     *       "role": "manager",
                     *       "is_pending": false,
                     *       "created_at": "2026-03-29T08:00:00Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Member"];
                };
            };
            /** @description The version in `If-None-Match` is current. */
            304: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidParameter"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            412: components["responses"]["PreconditionFailed"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    put_member: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` of the version to change. If the resource has changed since, the request is refused with 412. Without this header, the last write wins. */
                "If-Match"?: components["parameters"]["IfMatch2"];
            };
            path: {
                /**
                 * @description The account's id.
                 * @example acct_01h455vb4pex5vsknk084sn02q
                 */
                account_id: components["parameters"]["AccountId"];
                /**
                 * @description The user's id or username.
                 * @example ann
                 */
                user_id: components["parameters"]["UserId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MemberRole"];
            };
        };
        responses: {
            /** @description The member. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "user_01h455vb4pex5vsknk084sn02q",
                     *       "account_id": "acct_01h455vb4pex5vsknk084sn02q",
                     *       "username": "ann",
                     *       "role": "manager",
                     *       "is_pending": false,
                     *       "created_at": "2026-03-29T08:00:00Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Member"];
                };
            };
            400: components["responses"]["InvalidJsonOrInvalidParameterOrUnknownField"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ValidationFailed"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["OutcomeUnknownOrUnavailable"];
        };
    };
    remove_member: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` of the version to change. If the resource has changed since, the request is refused with 412. Without this header, the last write wins. */
                "If-Match"?: components["parameters"]["IfMatch2"];
            };
            path: {
                /**
                 * @description The account's id.
                 * @example acct_01h455vb4pex5vsknk084sn02q
                 */
                account_id: components["parameters"]["AccountId"];
                /**
                 * @description The user's id or username.
                 * @example ann
                 */
                user_id: components["parameters"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The user is not a member. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidParameter"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["OutcomeUnknownOrUnavailable"];
        };
    };
    list_overrides: {
        parameters: {
            query?: {
                /** @description The maximum number of items, 1 to 100. Default: 20. */
                limit?: components["parameters"]["Limit"];
                /** @description The `next_cursor` of the previous page. */
                cursor?: components["parameters"]["Cursor"];
            };
            header?: never;
            path: {
                /**
                 * @description The account's id.
                 * @example acct_01h455vb4pex5vsknk084sn02q
                 */
                account_id: components["parameters"]["AccountId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The overrides. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    Link: components["headers"]["Link"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "key": "staff",
                     *           "override": {
                     *             "limit": 4,
                     *             "reason": "Trial until the autumn",
                     *             "expires_at": "2026-09-01T00:00:00Z",
                     *             "created_by": "user_01h455vb4pex5vsknk084sn02q",
                     *             "created_at": "2026-03-20T12:34:56.789012Z"
                     *           }
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": components["schemas"]["OverrideList"];
                };
            };
            400: components["responses"]["InvalidCursorOrInvalidParameter"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    put_override: {
        parameters: {
            query?: {
                /** @description `true` for a dry run, which changes nothing. The response says what the request would do, with 200 instead of 201, or is the error. */
                dry_run?: components["parameters"]["DryRun"];
            };
            header?: {
                /** @description The `ETag` of the version to change. If the resource has changed since, the request is refused with 412. Without this header, the last write wins. */
                "If-Match"?: components["parameters"]["IfMatch2"];
            };
            path: {
                /**
                 * @description The account's id.
                 * @example acct_01h455vb4pex5vsknk084sn02q
                 */
                account_id: components["parameters"]["AccountId"];
                /**
                 * @description The key of a metric, such as `staff` or `bookings_per_day`, or of a feature.
                 * @example staff
                 */
                metric: components["parameters"]["Metric"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewOverride"];
            };
        };
        responses: {
            /** @description The override, or as it would be (dry run). */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    ETag: components["headers"]["ETag"];
                    "Dry-Run": components["headers"]["Dry-Run"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "limit": 4,
                     *       "reason": "Trial until the autumn",
                     *       "expires_at": "2026-09-01T00:00:00Z",
                     *       "created_by": "user_01h455vb4pex5vsknk084sn02q",
                     *       "created_at": "2026-03-20T12:34:56.789012Z"
                     *     }
                     */
                    "application/json": components["schemas"]["AnyOverride"];
                };
            };
            400: components["responses"]["InvalidJsonOrInvalidParameterOrUnknownField"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ValidationFailed"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["OutcomeUnknownOrUnavailable"];
        };
    };
    remove_override: {
        parameters: {
            query?: {
                /** @description `true` for a dry run, which changes nothing. The response says what the request would do, with 200 instead of 201, or is the error. */
                dry_run?: components["parameters"]["DryRun"];
            };
            header?: {
                /** @description The `ETag` of the version to change. If the resource has changed since, the request is refused with 412. Without this header, the last write wins. */
                "If-Match"?: components["parameters"]["IfMatch2"];
            };
            path: {
                /**
                 * @description The account's id.
                 * @example acct_01h455vb4pex5vsknk084sn02q
                 */
                account_id: components["parameters"]["AccountId"];
                /**
                 * @description The key of a metric, such as `staff` or `bookings_per_day`, or of a feature.
                 * @example staff
                 */
                metric: components["parameters"]["Metric"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The account has no such override. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Dry-Run": components["headers"]["Dry-Run"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidParameter"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            412: components["responses"]["PreconditionFailed"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["OutcomeUnknownOrUnavailable"];
        };
    };
    restore_account: {
        parameters: {
            query?: never;
            header?: {
                /** @description A unique key of your choice, such as a UUID. A repeated request with the same key within 24 hours gets the first response again and has no further effect. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                /** @description The `ETag` of the version to change. If the resource has changed since, the request is refused with 412. Without this header, the last write wins. */
                "If-Match"?: components["parameters"]["IfMatch2"];
            };
            path: {
                /**
                 * @description The account's id.
                 * @example acct_01h455vb4pex5vsknk084sn02q
                 */
                account_id: components["parameters"]["AccountId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The account. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    ETag: components["headers"]["ETag"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "acct_01h455vb4pex5vsknk084sn02q",
                     *       "name": "My Salon",
                     *       "time_zone": "Europe/Berlin",
                     *       "subscription": {
                     *         "id": "sub_01h455vb4pex5vsknk084sn02q",
                     *         "account_id": "acct_01h455vb4pex5vsknk084sn02q",
                     *         "plan": "basic",
                     *         "plan_since": "2026-03-29T08:00:00Z",
                     *         "current_period": {
                     *           "start": "2026-03-28T23:00:00Z",
                     *           "end": "2026-04-28T22:00:00Z"
                     *         },
                     *         "scheduled_change": null,
                     *         "created_at": "2026-03-29T08:00:00Z",
                     *         "ended_at": null
                     *       },
                     *       "created_at": "2026-03-29T08:00:00Z",
                     *       "deleted_at": null,
                     *       "external_id": "cus_42",
                     *       "metadata": {
                     *         "crm": "42"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["Account"];
                };
            };
            400: components["responses"]["InvalidParameter"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["IdempotencyKeyReused"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["OutcomeUnknownOrUnavailable"];
        };
    };
    list_staff: {
        parameters: {
            query?: {
                /** @description `true` to include removed staff members. Default: false. */
                include_deleted?: boolean;
                /** @description The maximum number of items, 1 to 100. Default: 20. */
                limit?: components["parameters"]["Limit"];
                /** @description The `next_cursor` of the previous page. */
                cursor?: components["parameters"]["Cursor"];
            };
            header?: never;
            path: {
                /**
                 * @description The account's id.
                 * @example acct_01h455vb4pex5vsknk084sn02q
                 */
                account_id: components["parameters"]["AccountId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The staff members. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    Link: components["headers"]["Link"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "id": "staff_01h455vb4pex5vsknk084sn02q",
                     *           "account_id": "acct_01h455vb4pex5vsknk084sn02q",
                     *           "name": "Ann",
                     *           "email": "ann@example.com",
                     *           "created_at": "2026-03-29T08:00:00Z",
                     *           "created_by": "user_01h455vb4pex5vsknk084sn02q",
                     *           "deleted_at": null
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": components["schemas"]["StaffList"];
                };
            };
            400: components["responses"]["InvalidCursorOrInvalidParameter"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    add_staff_member: {
        parameters: {
            query?: {
                /** @description `true` for a dry run, which changes nothing. The response says what the request would do, with 200 instead of 201, or is the error. */
                dry_run?: components["parameters"]["DryRun"];
            };
            header?: {
                /** @description A unique key of your choice, such as a UUID. A repeated request with the same key within 24 hours gets the first response again and has no further effect. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /**
                 * @description The account's id.
                 * @example acct_01h455vb4pex5vsknk084sn02q
                 */
                account_id: components["parameters"]["AccountId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewStaffMember"];
            };
        };
        responses: {
            /** @description The staff member as it would be (dry run). */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    "Dry-Run": components["headers"]["Dry-Run"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "staff_01h455vb4pex5vsknk084sn02q",
                     *       "account_id": "acct_01h455vb4pex5vsknk084sn02q",
                     *       "name": "Ann",
                     *       "email": "ann@example.com",
                     *       "created_at": "2026-03-29T08:00:00Z",
                     *       "created_by": "user_01h455vb4pex5vsknk084sn02q",
                     *       "deleted_at": null
                     *     }
                     */
                    "application/json": components["schemas"]["StaffMember"];
                };
            };
            /** @description The new staff member. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    ETag: components["headers"]["ETag"];
                    Location: components["headers"]["Location"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "staff_01h455vb4pex5vsknk084sn02q",
                     *       "account_id": "acct_01h455vb4pex5vsknk084sn02q",
                     *       "name": "Ann",
                     *       "email": "ann@example.com",
                     *       "created_at": "2026-03-29T08:00:00Z",
                     *       "created_by": "user_01h455vb4pex5vsknk084sn02q",
                     *       "deleted_at": null
                     *     }
                     */
                    "application/json": components["schemas"]["StaffMember"];
                };
            };
            400: components["responses"]["InvalidJsonOrInvalidParameterOrUnknownField"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            403: components["responses"]["ForbiddenOrLimitExceededOrStaffLimitExceededOrSubscriptionRequired"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["IdempotencyKeyReusedOrValidationFailed"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["OutcomeUnknownOrUnavailable"];
        };
    };
    find_staff_member: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` of the version that you have. If it is still current, the response is 304. */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
                /** @description The `ETag` of the version to get. If the resource has changed since, the response is 412. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /**
                 * @description The account's id.
                 * @example acct_01h455vb4pex5vsknk084sn02q
                 */
                account_id: components["parameters"]["AccountId"];
                /**
                 * @description The staff member's id.
                 * @example staff_01h455vb4pex5vsknk084sn02q
                 */
                staff_id: components["parameters"]["StaffId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The staff member. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "staff_01h455vb4pex5vsknk084sn02q",
                     *       "account_id": "acct_01h455vb4pex5vsknk084sn02q",
                     *       "name": "Ann",
                     *       "email": null,
                     *       "created_at": "2026-03-29T08:00:00Z",
                     *       "created_by": "user_01h455vb4pex5vsknk084sn02q",
                     *       "deleted_at": null
                     *     }
                     */
                    "application/json": components["schemas"]["StaffMember"];
                };
            };
            /** @description The version in `If-None-Match` is current. */
            304: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidParameter"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            412: components["responses"]["PreconditionFailed"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    remove_staff_member: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` of the version to change. If the resource has changed since, the request is refused with 412. Without this header, the last write wins. */
                "If-Match"?: components["parameters"]["IfMatch2"];
            };
            path: {
                /**
                 * @description The account's id.
                 * @example acct_01h455vb4pex5vsknk084sn02q
                 */
                account_id: components["parameters"]["AccountId"];
                /**
                 * @description The staff member's id.
                 * @example staff_01h455vb4pex5vsknk084sn02q
                 */
                staff_id: components["parameters"]["StaffId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The staff member is removed. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidParameter"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            412: components["responses"]["PreconditionFailed"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["OutcomeUnknownOrUnavailable"];
        };
    };
    change_staff_member: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` of the version to change. If the resource has changed since, the request is refused with 412. Without this header, the last write wins. */
                "If-Match"?: components["parameters"]["IfMatch2"];
            };
            path: {
                /**
                 * @description The account's id.
                 * @example acct_01h455vb4pex5vsknk084sn02q
                 */
                account_id: components["parameters"]["AccountId"];
                /**
                 * @description The staff member's id.
                 * @example staff_01h455vb4pex5vsknk084sn02q
                 */
                staff_id: components["parameters"]["StaffId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["StaffMemberPatch"];
            };
        };
        responses: {
            /** @description The changed staff member. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "staff_01h455vb4pex5vsknk084sn02q",
                     *       "account_id": "acct_01h455vb4pex5vsknk084sn02q",
                     *       "name": "Anna",
                     *       "email": null,
                     *       "created_at": "2026-03-29T08:00:00Z",
                     *       "created_by": "user_01h455vb4pex5vsknk084sn02q",
                     *       "deleted_at": null
                     *     }
                     */
                    "application/json": components["schemas"]["StaffMember"];
                };
            };
            400: components["responses"]["InvalidJsonOrInvalidParameterOrUnknownField"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ValidationFailed"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["OutcomeUnknownOrUnavailable"];
        };
    };
    restore_staff_member: {
        parameters: {
            query?: never;
            header?: {
                /** @description A unique key of your choice, such as a UUID. A repeated request with the same key within 24 hours gets the first response again and has no further effect. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                /** @description The `ETag` of the version to change. If the resource has changed since, the request is refused with 412. Without this header, the last write wins. */
                "If-Match"?: components["parameters"]["IfMatch2"];
            };
            path: {
                /**
                 * @description The account's id.
                 * @example acct_01h455vb4pex5vsknk084sn02q
                 */
                account_id: components["parameters"]["AccountId"];
                /**
                 * @description The staff member's id.
                 * @example staff_01h455vb4pex5vsknk084sn02q
                 */
                staff_id: components["parameters"]["StaffId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The staff member. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    ETag: components["headers"]["ETag"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "staff_01h455vb4pex5vsknk084sn02q",
                     *       "account_id": "acct_01h455vb4pex5vsknk084sn02q",
                     *       "name": "Ann",
                     *       "email": "ann@example.com",
                     *       "created_at": "2026-03-29T08:00:00Z",
                     *       "created_by": "user_01h455vb4pex5vsknk084sn02q",
                     *       "deleted_at": null
                     *     }
                     */
                    "application/json": components["schemas"]["StaffMember"];
                };
            };
            400: components["responses"]["InvalidParameter"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            403: components["responses"]["ForbiddenOrLimitExceededOrStaffLimitExceededOrSubscriptionRequired"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["IdempotencyKeyReused"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["OutcomeUnknownOrUnavailable"];
        };
    };
    subscribe: {
        parameters: {
            query?: {
                /** @description `true` for a dry run, which changes nothing. The response says what the request would do, with 200 instead of 201, or is the error. */
                dry_run?: components["parameters"]["DryRun"];
            };
            header?: {
                /** @description A unique key of your choice, such as a UUID. A repeated request with the same key within 24 hours gets the first response again and has no further effect. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                /** @description The `ETag` of the version to change. If the resource has changed since, the request is refused with 412. Without this header, the last write wins. */
                "If-Match"?: components["parameters"]["IfMatch2"];
            };
            path: {
                /**
                 * @description The account's id.
                 * @example acct_01h455vb4pex5vsknk084sn02q
                 */
                account_id: components["parameters"]["AccountId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PlanChoice"];
            };
        };
        responses: {
            /** @description The subscription: changed, unchanged, with a scheduled change, or as it would be (dry run). */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    ETag: components["headers"]["ETag"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    "Dry-Run": components["headers"]["Dry-Run"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "sub_01h455vb4pex5vsknk084sn02q",
                     *       "account_id": "acct_01h455vb4pex5vsknk084sn02q",
                     *       "plan": "basic",
                     *       "plan_since": "2026-03-29T08:00:00Z",
                     *       "current_period": {
                     *         "start": "2026-03-28T23:00:00Z",
                     *         "end": "2026-04-28T22:00:00Z"
                     *       },
                     *       "scheduled_change": {
                     *         "plan": "pro",
                     *         "effective_at": "2026-04-28T22:00:00Z",
                     *         "requested_at": "2026-04-01T08:00:00Z",
                     *         "requested_by": "user_01h455vb4pex5vsknk084sn02q",
                     *         "reason": "Summer is coming"
                     *       },
                     *       "created_at": "2026-03-29T08:00:00Z",
                     *       "ended_at": null
                     *     }
                     */
                    "application/json": components["schemas"]["Subscription"];
                };
            };
            /** @description The account's new subscription. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    ETag: components["headers"]["ETag"];
                    Location: components["headers"]["Location"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "sub_01h455vb4pex5vsknk084sn02q",
                     *       "account_id": "acct_01h455vb4pex5vsknk084sn02q",
                     *       "plan": "basic",
                     *       "plan_since": "2026-03-29T08:00:00Z",
                     *       "current_period": {
                     *         "start": "2026-03-28T23:00:00Z",
                     *         "end": "2026-04-28T22:00:00Z"
                     *       },
                     *       "scheduled_change": null,
                     *       "created_at": "2026-03-29T08:00:00Z",
                     *       "ended_at": null
                     *     }
                     */
                    "application/json": components["schemas"]["Subscription"];
                };
            };
            400: components["responses"]["InvalidJsonOrInvalidParameterOrUnknownField"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            409: components["responses"]["ConflictOrOverLimit"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["IdempotencyKeyReusedOrUnknownPlanOrValidationFailed"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["OutcomeUnknownOrUnavailable"];
        };
    };
    preview_plan_change: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The account's id.
                 * @example acct_01h455vb4pex5vsknk084sn02q
                 */
                account_id: components["parameters"]["AccountId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PlanChoice"];
            };
        };
        responses: {
            /** @description The preview. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "from": "pro",
                     *       "to": "basic",
                     *       "direction": "downgrade",
                     *       "effective_at": "2026-04-28T22:00:00Z",
                     *       "limits": [
                     *         {
                     *           "metric": "staff",
                     *           "from": 5,
                     *           "to": 2
                     *         },
                     *         {
                     *           "metric": "bookings_per_day",
                     *           "from": 20,
                     *           "to": 5
                     *         }
                     *       ],
                     *       "exceeded": [
                     *         {
                     *           "metric": "staff",
                     *           "day": null,
                     *           "used": 3,
                     *           "new_limit": 2,
                     *           "excess": 1
                     *         }
                     *       ],
                     *       "features": [
                     *         {
                     *           "feature": "sso",
                     *           "from": true,
                     *           "to": false
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["PlanChangePreview"];
                };
            };
            400: components["responses"]["InvalidJsonOrInvalidParameterOrUnknownField"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnknownPlanOrValidationFailed"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    find_subscription: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` of the version that you have. If it is still current, the response is 304. */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
                /** @description The `ETag` of the version to get. If the resource has changed since, the response is 412. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /**
                 * @description The account's id.
                 * @example acct_01h455vb4pex5vsknk084sn02q
                 */
                account_id: components["parameters"]["AccountId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The subscription. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "sub_01h455vb4pex5vsknk084sn02q",
                     *       "account_id": "acct_01h455vb4pex5vsknk084sn02q",
                     *       "plan": "basic",
                     *       "plan_since": "2026-03-29T08:00:00Z",
                     *       "current_period": {
                     *         "start": "2026-03-28T23:00:00Z",
                     *         "end": "2026-04-28T22:00:00Z"
                     *       },
                     *       "scheduled_change": {
                     *         "plan": "pro",
                     *         "effective_at": "2026-04-28T22:00:00Z",
                     *         "requested_at": "2026-04-01T08:00:00Z",
                     *         "requested_by": "user_01h455vb4pex5vsknk084sn02q",
                     *         "reason": "Summer is coming"
                     *       },
                     *       "created_at": "2026-03-29T08:00:00Z",
                     *       "ended_at": null
                     *     }
                     */
                    "application/json": components["schemas"]["Subscription"];
                };
            };
            /** @description The version in `If-None-Match` is current. */
            304: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidParameter"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            412: components["responses"]["PreconditionFailed"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    list_subscription_changes: {
        parameters: {
            query?: {
                /** @description The maximum number of items, 1 to 100. Default: 20. */
                limit?: components["parameters"]["Limit"];
                /** @description The `next_cursor` of the previous page. */
                cursor?: components["parameters"]["Cursor"];
            };
            header?: never;
            path: {
                /**
                 * @description The account's id.
                 * @example acct_01h455vb4pex5vsknk084sn02q
                 */
                account_id: components["parameters"]["AccountId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The changes. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    Link: components["headers"]["Link"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "id": "change_01h455vb4pex5vsknk084sn02q",
                     *           "from": "basic",
                     *           "to": "pro",
                     *           "effective_at": "2026-04-28T22:00:00Z",
                     *           "requested_at": "2026-04-01T08:00:00Z",
                     *           "requested_by": "user_01h455vb4pex5vsknk084sn02q",
                     *           "reason": "Summer is coming"
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": components["schemas"]["SubscriptionHistory"];
                };
            };
            400: components["responses"]["InvalidCursorOrInvalidParameter"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    cancel_scheduled_change: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` of the version to change. If the resource has changed since, the request is refused with 412. Without this header, the last write wins. */
                "If-Match"?: components["parameters"]["IfMatch2"];
            };
            path: {
                /**
                 * @description The account's id.
                 * @example acct_01h455vb4pex5vsknk084sn02q
                 */
                account_id: components["parameters"]["AccountId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No change is scheduled. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidParameter"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            412: components["responses"]["PreconditionFailed"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["OutcomeUnknownOrUnavailable"];
        };
    };
    transfer_account: {
        parameters: {
            query?: never;
            header?: {
                /** @description A unique key of your choice, such as a UUID. A repeated request with the same key within 24 hours gets the first response again and has no further effect. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                /** @description The `ETag` of the version to change. If the resource has changed since, the request is refused with 412. Without this header, the last write wins. */
                "If-Match"?: components["parameters"]["IfMatch2"];
            };
            path: {
                /**
                 * @description The account's id.
                 * @example acct_01h455vb4pex5vsknk084sn02q
                 */
                account_id: components["parameters"]["AccountId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Transfer"];
            };
        };
        responses: {
            /** @description The new owner. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    ETag: components["headers"]["ETag"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "user_01h455vb4pex5vsknk084sn02q",
                     *       "account_id": "acct_01h455vb4pex5vsknk084sn02q",
                     *       "username": "ann",
                     *       "role": "owner",
                     *       "is_pending": false,
                     *       "created_at": "2026-03-29T08:00:00Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Member"];
                };
            };
            400: components["responses"]["InvalidJsonOrInvalidParameterOrUnknownField"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["IdempotencyKeyReusedOrValidationFailed"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["OutcomeUnknownOrUnavailable"];
        };
    };
    unsubscribe: {
        parameters: {
            query?: never;
            header?: {
                /** @description A unique key of your choice, such as a UUID. A repeated request with the same key within 24 hours gets the first response again and has no further effect. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                /** @description The `ETag` of the version to change. If the resource has changed since, the request is refused with 412. Without this header, the last write wins. */
                "If-Match"?: components["parameters"]["IfMatch2"];
            };
            path: {
                /**
                 * @description The account's id.
                 * @example acct_01h455vb4pex5vsknk084sn02q
                 */
                account_id: components["parameters"]["AccountId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Ending"];
            };
        };
        responses: {
            /** @description The subscription, with `ended_at` if it has ended, or with the end as its `scheduled_change`. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    ETag: components["headers"]["ETag"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "sub_01h455vb4pex5vsknk084sn02q",
                     *       "account_id": "acct_01h455vb4pex5vsknk084sn02q",
                     *       "plan": "basic",
                     *       "plan_since": "2026-03-29T08:00:00Z",
                     *       "current_period": {
                     *         "start": "2026-03-28T23:00:00Z",
                     *         "end": "2026-04-28T22:00:00Z"
                     *       },
                     *       "scheduled_change": {
                     *         "plan": null,
                     *         "effective_at": "2026-04-28T22:00:00Z",
                     *         "requested_at": "2026-04-01T08:00:00Z",
                     *         "requested_by": "user_01h455vb4pex5vsknk084sn02q",
                     *         "reason": "Summer is coming"
                     *       },
                     *       "created_at": "2026-03-29T08:00:00Z",
                     *       "ended_at": null
                     *     }
                     */
                    "application/json": components["schemas"]["Subscription"];
                };
            };
            400: components["responses"]["InvalidJsonOrInvalidParameterOrUnknownField"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            403: components["responses"]["ForbiddenOrSubscriptionRequired"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["IdempotencyKeyReusedOrValidationFailed"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["OutcomeUnknownOrUnavailable"];
        };
    };
    list_usage: {
        parameters: {
            query?: {
                /** @description The meter, such as `sms`. */
                meter?: string;
                /** @description The first day, `YYYY-MM-DD`. */
                from?: components["parameters"]["From"];
                /** @description The last day, `YYYY-MM-DD`, not before `from`. */
                to?: components["parameters"]["To"];
                /** @description The maximum number of items, 1 to 100. Default: 20. */
                limit?: components["parameters"]["Limit"];
                /** @description The `next_cursor` of the previous page. */
                cursor?: components["parameters"]["Cursor"];
            };
            header?: never;
            path: {
                /**
                 * @description The account's id.
                 * @example acct_01h455vb4pex5vsknk084sn02q
                 */
                account_id: components["parameters"]["AccountId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The usage records. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    Link: components["headers"]["Link"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "id": "use_01h455vb4pex5vsknk084sn02q",
                     *           "meter": "sms",
                     *           "quantity": 3,
                     *           "at": "2026-03-29T08:00:00Z",
                     *           "created_at": "2026-03-29T08:00:01.789012Z",
                     *           "created_by": "user_01h455vb4pex5vsknk084sn02q"
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": components["schemas"]["UsageRecordList"];
                };
            };
            400: components["responses"]["InvalidCursorOrInvalidParameter"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    create_usage: {
        parameters: {
            query?: {
                /** @description `true` for a dry run, which changes nothing. The response says what the request would do, with 200 instead of 201, or is the error. */
                dry_run?: components["parameters"]["DryRun"];
            };
            header?: {
                /** @description A unique key of your choice, such as a UUID. A repeated request with the same key within 24 hours gets the first response again and has no further effect. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /**
                 * @description The account's id.
                 * @example acct_01h455vb4pex5vsknk084sn02q
                 */
                account_id: components["parameters"]["AccountId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewUsage"];
            };
        };
        responses: {
            /** @description The usage as it would be (dry run). */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    "Dry-Run": components["headers"]["Dry-Run"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "use_01h455vb4pex5vsknk084sn02q",
                     *       "meter": "sms",
                     *       "quantity": 3,
                     *       "at": "2026-03-29T08:00:00Z",
                     *       "created_at": "2026-03-29T08:00:01.789012Z",
                     *       "created_by": "user_01h455vb4pex5vsknk084sn02q"
                     *     }
                     */
                    "application/json": components["schemas"]["RecordedUsage"];
                };
            };
            /** @description The recorded usage. It is durable on disk. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    Location: components["headers"]["Location"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "use_01h455vb4pex5vsknk084sn02q",
                     *       "meter": "sms",
                     *       "quantity": 3,
                     *       "at": "2026-03-29T08:00:00Z",
                     *       "created_at": "2026-03-29T08:00:01.789012Z",
                     *       "created_by": "user_01h455vb4pex5vsknk084sn02q"
                     *     }
                     */
                    "application/json": components["schemas"]["RecordedUsage"];
                };
            };
            400: components["responses"]["InvalidJsonOrInvalidParameterOrUnknownField"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            403: components["responses"]["ForbiddenOrLimitExceededOrSubscriptionRequired"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["IdempotencyKeyReusedOrValidationFailed"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["OutcomeUnknownOrUnavailable"];
        };
    };
    list_usage_history: {
        parameters: {
            query?: {
                /** @description A counter, such as `bookings_per_day`. Default: all counters. */
                metric?: string;
                /** @description The first window: the one that this day (`YYYY-MM-DD`) begins in, or that contains this time (RFC 3339 with an offset). Default: now. */
                from?: string;
                /** @description The last window: the one that this day ends in, or that contains this time. Default: now. */
                to?: string;
            };
            header?: never;
            path: {
                /**
                 * @description The account's id.
                 * @example acct_01h455vb4pex5vsknk084sn02q
                 */
                account_id: components["parameters"]["AccountId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The usage of each window. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "metric": "bookings_per_day",
                     *           "window": {
                     *             "start": "2026-03-28T23:00:00Z",
                     *             "end": "2026-03-29T22:00:00Z",
                     *             "time_zone": "Europe/Berlin"
                     *           },
                     *           "used": 3,
                     *           "limit": 5
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": components["schemas"]["UsageHistory"];
                };
            };
            400: components["responses"]["InvalidParameter"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    find_usage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The account's id.
                 * @example acct_01h455vb4pex5vsknk084sn02q
                 */
                account_id: components["parameters"]["AccountId"];
                /**
                 * @description The usage record's id.
                 * @example use_01h455vb4pex5vsknk084sn02q
                 */
                use_id: components["parameters"]["UseId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The usage record. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "use_01h455vb4pex5vsknk084sn02q",
                     *       "meter": "sms",
                     *       "quantity": 3,
                     *       "at": "2026-03-29T08:00:00Z",
                     *       "created_at": "2026-03-29T08:00:01.789012Z",
                     *       "created_by": "user_01h455vb4pex5vsknk084sn02q"
                     *     }
                     */
                    "application/json": components["schemas"]["UsageRecord"];
                };
            };
            400: components["responses"]["InvalidParameter"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    remove_usage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The account's id.
                 * @example acct_01h455vb4pex5vsknk084sn02q
                 */
                account_id: components["parameters"]["AccountId"];
                /**
                 * @description The usage record's id.
                 * @example use_01h455vb4pex5vsknk084sn02q
                 */
                use_id: components["parameters"]["UseId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The usage record is removed. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidParameter"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["OutcomeUnknownOrUnavailable"];
        };
    };
    list_api_keys: {
        parameters: {
            query?: {
                /** @description The maximum number of items, 1 to 100. Default: 20. */
                limit?: components["parameters"]["Limit"];
                /** @description The `next_cursor` of the previous page. */
                cursor?: components["parameters"]["Cursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The keys. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    Link: components["headers"]["Link"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "id": "key_01h455vb4pex5vsknk084sn02q",
                     *           "name": "Web shop",
                     *           "scope": "write",
                     *           "account_id": null,
                     *           "expires_at": null,
                     *           "last_used_at": null,
                     *           "created_at": "2026-03-29T08:00:00Z"
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": components["schemas"]["ApiKeyList"];
                };
            };
            400: components["responses"]["InvalidCursorOrInvalidParameter"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    create_api_key: {
        parameters: {
            query?: never;
            header?: {
                /** @description A unique key of your choice, such as a UUID. A repeated request with the same key within 24 hours gets the first response again and has no further effect. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewApiKey"];
            };
        };
        responses: {
            /** @description The new key and its secret. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    ETag: components["headers"]["ETag"];
                    Location: components["headers"]["Location"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "key_01h455vb4pex5vsknk084sn02q",
                     *       "name": "Web shop",
                     *       "scope": "write",
                     *       "account_id": null,
                     *       "expires_at": null,
                     *       "last_used_at": null,
                     *       "created_at": "2026-03-29T08:00:00Z",
                     *       "secret": "hr_live_01h455vb4pex5vsknk084sn02q_…"
                     *     }
                     */
                    "application/json": components["schemas"]["CreatedApiKey"];
                };
            };
            400: components["responses"]["InvalidJsonOrInvalidParameterOrUnknownField"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["IdempotencyKeyReusedOrValidationFailed"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["OutcomeUnknownOrUnavailable"];
        };
    };
    find_api_key: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` of the version that you have. If it is still current, the response is 304. */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
                /** @description The `ETag` of the version to get. If the resource has changed since, the response is 412. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /**
                 * @description The key's id.
                 * @example key_01h455vb4pex5vsknk084sn02q
                 */
                api_key_id: components["parameters"]["ApiKeyId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The key. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "key_01h455vb4pex5vsknk084sn02q",
                     *       "name": "Web shop",
                     *       "scope": "write",
                     *       "account_id": null,
                     *       "expires_at": null,
                     *       "last_used_at": null,
                     *       "created_at": "2026-03-29T08:00:00Z"
                     *     }
                     */
                    "application/json": components["schemas"]["ApiKey"];
                };
            };
            /** @description The version in `If-None-Match` is current. */
            304: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidParameter"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            412: components["responses"]["PreconditionFailed"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    revoke_api_key: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` of the version to change. If the resource has changed since, the request is refused with 412. Without this header, the last write wins. */
                "If-Match"?: components["parameters"]["IfMatch2"];
            };
            path: {
                /**
                 * @description The key's id.
                 * @example key_01h455vb4pex5vsknk084sn02q
                 */
                api_key_id: components["parameters"]["ApiKeyId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The key is revoked. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidParameter"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            412: components["responses"]["PreconditionFailed"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["OutcomeUnknownOrUnavailable"];
        };
    };
    health: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The service is healthy. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "status": "ok"
                     *     }
                     */
                    "application/json": components["schemas"]["Health"];
                };
            };
            400: components["responses"]["InvalidParameter"];
            406: components["responses"]["NotAcceptable"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    list_near_limits: {
        parameters: {
            query?: {
                /**
                 * @description The part of a limit from which on it is listed: 0.5 to 1, with up to 4 decimals. With 1, only limits that are used up are listed. Default: 0.8.
                 * @example 0.9
                 */
                ratio?: number;
                /**
                 * @description Only this metric. Default: every metric of the catalogue.
                 * @example staff
                 */
                metric?: string;
                /** @description The maximum number of items, 1 to 100. Default: 20. */
                limit?: components["parameters"]["Limit"];
                /** @description The `next_cursor` of the previous page. */
                cursor?: components["parameters"]["Cursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The accounts. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    Link: components["headers"]["Link"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "account_id": "acct_01h455vb4pex5vsknk084sn02q",
                     *           "name": "My Salon",
                     *           "external_id": "cus_42",
                     *           "plan": "basic",
                     *           "metrics": [
                     *             {
                     *               "metric": "staff",
                     *               "meter": "staff",
                     *               "kind": "gauge",
                     *               "limit": 4,
                     *               "used": 4,
                     *               "held": 1,
                     *               "granted": 1,
                     *               "remaining": 0,
                     *               "over_by": 0,
                     *               "window": null,
                     *               "resets_at": null,
                     *               "override": {
                     *                 "limit": 3,
                     *                 "reason": "Trial until the autumn",
                     *                 "expires_at": "2026-09-01T00:00:00Z",
                     *                 "created_by": "user_01h455vb4pex5vsknk084sn02q",
                     *                 "created_at": "2026-03-20T12:34:56.789012Z"
                     *               }
                     *             },
                     *             {
                     *               "metric": "bookings_per_day",
                     *               "meter": "bookings",
                     *               "kind": "counter",
                     *               "limit": 5,
                     *               "used": 4,
                     *               "held": 0,
                     *               "granted": 0,
                     *               "remaining": 1,
                     *               "over_by": 0,
                     *               "window": {
                     *                 "start": "2026-03-28T23:00:00Z",
                     *                 "end": "2026-03-29T22:00:00Z",
                     *                 "time_zone": "Europe/Berlin"
                     *               },
                     *               "resets_at": "2026-03-29T22:00:00Z",
                     *               "override": null
                     *             }
                     *           ]
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": components["schemas"]["NearLimitsList"];
                };
            };
            400: components["responses"]["InvalidCursorOrInvalidParameter"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    list_plans: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The plans, each an upgrade of those before it. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "key": "basic",
                     *           "name": "Basic",
                     *           "description": "For a small team.",
                     *           "limits": {
                     *             "staff": 2,
                     *             "bookings_per_day": 5,
                     *             "sms_per_month": 100
                     *           },
                     *           "features": {
                     *             "sso": false
                     *           },
                     *           "self_service": true,
                     *           "default": true
                     *         },
                     *         {
                     *           "key": "pro",
                     *           "name": "Pro",
                     *           "description": "For a growing team.",
                     *           "limits": {
                     *             "staff": 5,
                     *             "bookings_per_day": 20,
                     *             "sms_per_month": null
                     *           },
                     *           "features": {
                     *             "sso": true
                     *           },
                     *           "self_service": true,
                     *           "default": false
                     *         }
                     *       ],
                     *       "next_cursor": null,
                     *       "metrics": [
                     *         {
                     *           "key": "staff",
                     *           "meter": "staff",
                     *           "kind": "gauge",
                     *           "window": null,
                     *           "records": true
                     *         },
                     *         {
                     *           "key": "bookings_per_day",
                     *           "meter": "bookings",
                     *           "kind": "counter",
                     *           "window": "day",
                     *           "records": true
                     *         },
                     *         {
                     *           "key": "sms_per_month",
                     *           "meter": "sms",
                     *           "kind": "counter",
                     *           "window": "month",
                     *           "records": true
                     *         }
                     *       ],
                     *       "features": [
                     *         {
                     *           "key": "sso",
                     *           "type": "switch"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["PlanList"];
                };
            };
            400: components["responses"]["InvalidParameter"];
            406: components["responses"]["NotAcceptable"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
        };
    };
    reload_plans: {
        parameters: {
            query?: never;
            header?: {
                /** @description A unique key of your choice, such as a UUID. A repeated request with the same key within 24 hours gets the first response again and has no further effect. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The plans that are in force from now on. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    ETag: components["headers"]["ETag"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "key": "basic",
                     *           "name": "Basic",
                     *           "description": "For a small team.",
                     *           "limits": {
                     *             "staff": 2,
                     *             "bookings_per_day": 5,
                     *             "sms_per_month": 100
                     *           },
                     *           "features": {
                     *             "sso": false
                     *           },
                     *           "self_service": true,
                     *           "default": true
                     *         },
                     *         {
                     *           "key": "pro",
                     *           "name": "Pro",
                     *           "description": "For a growing team.",
                     *           "limits": {
                     *             "staff": 5,
                     *             "bookings_per_day": 20,
                     *             "sms_per_month": null
                     *           },
                     *           "features": {
                     *             "sso": true
                     *           },
                     *           "self_service": true,
                     *           "default": false
                     *         }
                     *       ],
                     *       "next_cursor": null,
                     *       "metrics": [
                     *         {
                     *           "key": "staff",
                     *           "meter": "staff",
                     *           "kind": "gauge",
                     *           "window": null,
                     *           "records": true
                     *         },
                     *         {
                     *           "key": "bookings_per_day",
                     *           "meter": "bookings",
                     *           "kind": "counter",
                     *           "window": "day",
                     *           "records": true
                     *         },
                     *         {
                     *           "key": "sms_per_month",
                     *           "meter": "sms",
                     *           "kind": "counter",
                     *           "window": "month",
                     *           "records": true
                     *         }
                     *       ],
                     *       "features": [
                     *         {
                     *           "key": "sso",
                     *           "type": "switch"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["PlanList"];
                };
            };
            400: components["responses"]["InvalidParameter"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["IdempotencyKeyReused"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["OutcomeUnknownOrUnavailable"];
        };
    };
    ready: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Writes to the database succeed. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "status": "ready"
                     *     }
                     */
                    "application/json": components["schemas"]["Readiness"];
                };
            };
            400: components["responses"]["InvalidParameter"];
            406: components["responses"]["NotAcceptable"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    create_token: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Credentials"];
            };
        };
        responses: {
            /** @description The first tokens of the session. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "access_token": "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJIUzI1NiIsImtpZCI6Ijd4dVlaSUV5SF9iMl9nRzcifQ…",
                     *       "token_type": "bearer",
                     *       "expires_in": 900,
                     *       "refresh_token": "hr_refresh_…"
                     *     }
                     */
                    "application/json": components["schemas"]["Token"];
                };
            };
            400: components["responses"]["InvalidJsonOrInvalidParameterOrUnknownField"];
            401: components["responses"]["InvalidCredentialsOrInvalidToken"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ValidationFailed"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["OutcomeUnknownOrUnavailable"];
        };
    };
    refresh_token: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RefreshRequest"];
            };
        };
        responses: {
            /** @description The next tokens of the session. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "access_token": "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJIUzI1NiIsImtpZCI6Ijd4dVlaSUV5SF9iMl9nRzcifQ…",
                     *       "token_type": "bearer",
                     *       "expires_in": 900,
                     *       "refresh_token": "hr_refresh_…"
                     *     }
                     */
                    "application/json": components["schemas"]["Token"];
                };
            };
            400: components["responses"]["InvalidJsonOrInvalidParameterOrUnknownField"];
            401: components["responses"]["InvalidToken"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ValidationFailed"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["OutcomeUnknownOrUnavailable"];
        };
    };
    revoke_token: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RefreshRequest"];
            };
        };
        responses: {
            /** @description The session is revoked, if it existed. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidJsonOrInvalidParameterOrUnknownField"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ValidationFailed"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["OutcomeUnknownOrUnavailable"];
        };
    };
    register_user: {
        parameters: {
            query?: never;
            header?: {
                /** @description A unique key of your choice, such as a UUID. A repeated request with the same key within 24 hours gets the first response again and has no further effect. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewUser"];
            };
        };
        responses: {
            /** @description The new user. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    ETag: components["headers"]["ETag"];
                    Location: components["headers"]["Location"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "user_01h455vb4pex5vsknk084sn02q",
                     *       "username": "ann",
                     *       "is_operator": false,
                     *       "created_at": "2026-03-29T08:00:00Z"
                     *     }
                     */
                    "application/json": components["schemas"]["User"];
                };
            };
            400: components["responses"]["InvalidJsonOrInvalidParameterOrUnknownField"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["IdempotencyKeyReusedOrValidationFailed"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["OutcomeUnknownOrUnavailable"];
        };
    };
    find_me: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` of the version that you have. If it is still current, the response is 304. */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
                /** @description The `ETag` of the version to get. If the resource has changed since, the response is 412. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Your user. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "user_01h455vb4pex5vsknk084sn02q",
                     *       "username": "ann",
                     *       "is_operator": false,
                     *       "created_at": "2026-03-29T08:00:00Z"
                     *     }
                     */
                    "application/json": components["schemas"]["User"];
                };
            };
            /** @description The version in `If-None-Match` is current. */
            304: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidParameter"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            412: components["responses"]["PreconditionFailed"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    delete_me: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` of the version to change. If the resource has changed since, the request is refused with 412. Without this header, the last write wins. */
                "If-Match"?: components["parameters"]["IfMatch2"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The user is deleted. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidParameter"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["OutcomeUnknownOrUnavailable"];
        };
    };
    change_me: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` of the version to change. If the resource has changed since, the request is refused with 412. Without this header, the last write wins. */
                "If-Match"?: components["parameters"]["IfMatch2"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UserChange"];
            };
        };
        responses: {
            /** @description Your changed user. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "user_01h455vb4pex5vsknk084sn02q",
                     *       "username": "ann.b",
                     *       "is_operator": false,
                     *       "created_at": "2026-03-29T08:00:00Z"
                     *     }
                     */
                    "application/json": components["schemas"]["User"];
                };
            };
            400: components["responses"]["InvalidJsonOrInvalidParameterOrUnknownField"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ValidationFailed"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["OutcomeUnknownOrUnavailable"];
        };
    };
    change_password: {
        parameters: {
            query?: never;
            header?: {
                /** @description A unique key of your choice, such as a UUID. A repeated request with the same key within 24 hours gets the first response again and has no further effect. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PasswordChange"];
            };
        };
        responses: {
            /** @description The password is changed, and all sessions have ended. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidJsonOrInvalidParameterOrUnknownField"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["IdempotencyKeyReusedOrValidationFailed"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["OutcomeUnknownOrUnavailable"];
        };
    };
    erase_user: {
        parameters: {
            query?: {
                /** @description `true` for a dry run, which changes nothing. The response says what the request would do, with 200 instead of 201, or is the error. */
                dry_run?: components["parameters"]["DryRun"];
            };
            header?: {
                /** @description A unique key of your choice, such as a UUID. A repeated request with the same key within 24 hours gets the first response again and has no further effect. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /**
                 * @description The user's id or username.
                 * @example ann
                 */
                user_id: components["parameters"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The erasure, or what it would erase (dry run). */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    ETag: components["headers"]["ETag"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    "Dry-Run": components["headers"]["Dry-Run"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "user_01h455vb4pex5vsknk084sn02q",
                     *       "erased_at": null,
                     *       "counts": {
                     *         "members": 2,
                     *         "staff_members": 3,
                     *         "bookings": 120,
                     *         "usage_records": 0,
                     *         "allocations": 0,
                     *         "holds": 0,
                     *         "audit_entries": 14,
                     *         "sessions": 0,
                     *         "api_keys": 0
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["Erasure"];
                };
            };
            400: components["responses"]["InvalidParameter"];
            401: components["responses"]["InvalidTokenOrTokenExpiredOrUnauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["IdempotencyKeyReused"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["OutcomeUnknownOrUnavailable"];
        };
    };
}
