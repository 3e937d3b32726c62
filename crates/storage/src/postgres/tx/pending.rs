//! What a unit of work has to write, put off until its next statement, so that several writes are one round trip.
//!
//! Nearly every unit ends with these three: a row of its own, an entry in the audit, the account's row. Whoever looks at
//! something first writes what is pending, so a unit sees its own writes.

use domain::error::StorageError;
use domain::{AccountId, ApiKeyId, AuditEntry, Booking, Date, Name, Notes, StaffId, Uuid};

use super::PgTx;
use crate::postgres::row::{Day, Instant};

/// What is to be written with the next statement, besides the account's row if that was changed.
#[derive(Default)]
pub(super) struct Pending {
    /// A booking, and its place in its account's list.
    booking: Option<(Booking, i64)>,
    /// An entry of the audit, and the one before it.
    entry: Option<(AuditEntry, Option<Uuid>)>,
}

macro_rules! insert_booking {
    () => {
        "INSERT INTO bookings (id, account_id, position, day, starts_at, customer_name, staff_id, notes, created_at,
             deleted_at, is_counted)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
    };
}

impl PgTx<'_> {
    /// Adds a booking with the next statement.
    pub(super) fn insert_with_next(&mut self, booking: &Booking, position: i64) -> Result<(), StorageError> {
        if self.pending.booking.is_some() {
            self.write_pending()?;
        }
        self.pending.booking = Some((booking.clone(), position));
        Ok(())
    }

    /// Adds an entry to the audit with the next statement.
    pub(super) fn write_with_next(&mut self, entry: &AuditEntry, previous: Option<Uuid>) -> Result<(), StorageError> {
        if self.pending.entry.is_some() {
            self.write_pending()?;
        }
        self.pending.entry = Some((entry.clone(), previous));
        Ok(())
    }

    /// Writes what is pending.
    pub(super) fn write_pending(&mut self) -> Result<(), StorageError> {
        let Pending { booking, entry } = std::mem::take(&mut self.pending);
        match (booking, entry) {
            (Some((booking, position)), Some((entry, previous))) if is_usual(&booking, &entry) => {
                return self.write_all(&booking, position, &entry, previous);
            }
            (booking, entry) => {
                if let Some((booking, position)) = booking {
                    self.insert_booking_row(&booking, position)?;
                }
                if let Some((entry, previous)) = entry {
                    self.insert_entry(&entry, previous)?;
                }
            }
        }
        self.write_known()
    }

    /// Writes a booking that counts, its counter, an entry of the audit and the account's row.
    fn write_all(
        &mut self,
        booking: &Booking,
        position: i64,
        entry: &AuditEntry,
        previous: Option<Uuid>,
    ) -> Result<(), StorageError> {
        let active_staff = self.known.as_mut().map(|known| {
            known.is_changed = false;
            known.active_staff
        });
        let (api_key, address) = (entry.api_key.map(ApiKeyId::uuid), entry.origin.address.map(|it| it.to_string()));
        self.run(|session| {
            session.execute(
                concat!(
                    "WITH booking AS (",
                    insert_booking!(),
                    "), counter AS (
                         INSERT INTO booking_counters (account_id, day, bookings) VALUES ($2, $4, 1)
                         ON CONFLICT (account_id, day) DO UPDATE SET bookings = booking_counters.bookings + 1
                     ), entry AS (
                         INSERT INTO audit_entries (id, account_id, previous, user_id, api_key, action, resource, address,
                             request_id, created_at)
                         VALUES ($12, $2, $13, $14, $15, $16, $17, $18, $19, $20)
                     )
                     UPDATE accounts SET audit_head = $12, bookings = $3 + 1, active_staff = $21 WHERE id = $2"
                ),
                &[
                    &booking.id.uuid(),
                    &booking.account_id.uuid(),
                    &position,
                    &Day(booking.day),
                    &Instant(booking.starts_at),
                    &booking.customer_name.as_ref().map(Name::as_str),
                    &booking.staff_id.map(StaffId::uuid),
                    &booking.notes.as_ref().map(Notes::as_str),
                    &Instant(booking.created_at),
                    &booking.deleted_at.map(Instant),
                    &booking.is_counted(),
                    &entry.id.uuid(),
                    &previous,
                    &entry.user_id.uuid(),
                    &api_key,
                    &entry.action.as_str(),
                    &&*entry.resource,
                    &address,
                    &&*entry.origin.request_id,
                    &Instant(entry.created_at),
                    &active_staff,
                ],
            )
        })
        .map(drop)
    }

    fn insert_booking_row(&mut self, booking: &Booking, position: i64) -> Result<(), StorageError> {
        self.run(|session| {
            session.execute(
                insert_booking!(),
                &[
                    &booking.id.uuid(),
                    &booking.account_id.uuid(),
                    &position,
                    &Day(booking.day),
                    &Instant(booking.starts_at),
                    &booking.customer_name.as_ref().map(Name::as_str),
                    &booking.staff_id.map(StaffId::uuid),
                    &booking.notes.as_ref().map(Notes::as_str),
                    &Instant(booking.created_at),
                    &booking.deleted_at.map(Instant),
                    &booking.is_counted(),
                ],
            )
        })?;
        if booking.is_counted() { self.count_booking(booking.account_id, booking.day) } else { Ok(()) }
    }

    /// Counts one more booking on a day.
    pub(super) fn count_booking(&mut self, account: AccountId, day: Date) -> Result<(), StorageError> {
        self.run(|session| {
            session.execute(
                "INSERT INTO booking_counters (account_id, day, bookings) VALUES ($1, $2, 1)
                 ON CONFLICT (account_id, day) DO UPDATE SET bookings = booking_counters.bookings + 1",
                &[&account.uuid(), &Day(day)],
            )
        })
        .map(drop)
    }

    fn insert_entry(&mut self, entry: &AuditEntry, previous: Option<Uuid>) -> Result<(), StorageError> {
        let (api_key, address) = (entry.api_key.map(ApiKeyId::uuid), entry.origin.address.map(|it| it.to_string()));
        self.run(|session| {
            session.execute(
                "INSERT INTO audit_entries (id, account_id, previous, user_id, api_key, action, resource, address,
                     request_id, created_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                &[
                    &entry.id.uuid(),
                    &entry.account_id.map(AccountId::uuid),
                    &previous,
                    &entry.user_id.uuid(),
                    &api_key,
                    &entry.action.as_str(),
                    &&*entry.resource,
                    &address,
                    &&*entry.origin.request_id,
                    &Instant(entry.created_at),
                ],
            )
        })
        .map(drop)
    }

    /// Writes back what was changed of the account's row that is known.
    fn write_known(&mut self) -> Result<(), StorageError> {
        let Some(known) = self.known.as_mut().filter(|known| known.is_changed) else { return Ok(()) };
        known.is_changed = false;
        let (id, head, bookings, staff) =
            (known.account.id.uuid(), known.audit_head, known.bookings, known.active_staff);
        self.run(|session| {
            session.execute(
                "UPDATE accounts SET audit_head = $2, bookings = $3, active_staff = $4 WHERE id = $1",
                &[&id, &head, &bookings, &staff],
            )
        })
        .map(drop)
    }
}

/// Whether this is a booking that counts, and the entry about it.
fn is_usual(booking: &Booking, entry: &AuditEntry) -> bool {
    booking.is_counted() && entry.account_id == Some(booking.account_id)
}
