// The resources that are built in: staff members and bookings.

import type {
  Booking,
  BookingPatch,
  NewBooking,
  NewStaffMember,
  StaffMember,
  StaffMemberPatch,
} from "../generated/schemas.js";
import type { List } from "../list.js";
import type {
  DryRunOptions,
  FiltersOf,
  GetOptions,
  IfMatchOptions,
  PostOptions,
  RequestOptions,
  Sender,
} from "../types.js";
import { listOf } from "./listing.js";

/** The staff members of an account. They count towards the metric `staff`. */
export class Staff {
  /** @internal */
  constructor(
    private readonly account_id: string,
    private readonly sender: Sender,
  ) {}

  /** Adds a staff member. */
  create(member: NewStaffMember, options?: PostOptions & DryRunOptions): Promise<StaffMember> {
    return this.sender.send("add_staff_member", { path: { account_id: this.account_id }, body: member }, options);
  }

  /** Lists staff members, the newest first. */
  list(filters: FiltersOf<"list_staff"> = {}, options?: RequestOptions): List<StaffMember> {
    const path = { account_id: this.account_id };
    return listOf(filters, (query) => this.sender.send("list_staff", { path, query }, options));
  }

  /** Gets a staff member. */
  get(id: string, options?: GetOptions<StaffMember>): Promise<StaffMember> {
    return this.sender.send("find_staff_member", { path: this.#path(id) }, options);
  }

  /** Changes the fields that are given. */
  update(id: string, change: StaffMemberPatch, options?: RequestOptions & IfMatchOptions): Promise<StaffMember> {
    return this.sender.send("change_staff_member", { path: this.#path(id), body: change }, options);
  }

  /** Removes a staff member. */
  remove(id: string, options?: RequestOptions & IfMatchOptions): Promise<void> {
    return this.sender.send("remove_staff_member", { path: this.#path(id) }, options);
  }

  /** Restores a staff member, if the plan has room. */
  restore(id: string, options?: PostOptions & IfMatchOptions): Promise<StaffMember> {
    return this.sender.send("restore_staff_member", { path: this.#path(id) }, options);
  }

  #path(staff_id: string) {
    return { account_id: this.account_id, staff_id };
  }
}

/** The bookings of an account. They count towards the meter `bookings`. */
export class Bookings {
  /** @internal */
  constructor(
    private readonly account_id: string,
    private readonly sender: Sender,
  ) {}

  /** Creates a booking. */
  create(booking: NewBooking = {}, options?: PostOptions & DryRunOptions): Promise<Booking> {
    return this.sender.send("create_booking", { path: { account_id: this.account_id }, body: booking }, options);
  }

  /** Lists bookings, the latest day first. */
  list(filters: FiltersOf<"list_bookings"> = {}, options?: RequestOptions): List<Booking> {
    const path = { account_id: this.account_id };
    return listOf(filters, (query) => this.sender.send("list_bookings", { path, query }, options));
  }

  /** Gets a booking. */
  get(id: string, options?: GetOptions<Booking>): Promise<Booking> {
    return this.sender.send("find_booking", { path: this.#path(id) }, options);
  }

  /** Changes the fields that are given; `starts_at` reschedules the booking. */
  update(id: string, change: BookingPatch, options?: RequestOptions & IfMatchOptions): Promise<Booking> {
    return this.sender.send("change_booking", { path: this.#path(id), body: change }, options);
  }

  /** Removes a booking. */
  remove(id: string, options?: RequestOptions & IfMatchOptions): Promise<void> {
    return this.sender.send("remove_booking", { path: this.#path(id) }, options);
  }

  /** Restores a booking, if the plan has room. */
  restore(id: string, options?: PostOptions & IfMatchOptions): Promise<Booking> {
    return this.sender.send("restore_booking", { path: this.#path(id) }, options);
  }

  #path(booking_id: string) {
    return { account_id: this.account_id, booking_id };
  }
}
