//! The ports of erasure and retention, which remove rows permanently.

use jiff::civil::Date;

use crate::error::StorageResult;
use crate::{AccountId, Erasure, ErasureCounts, ErasureSubject, ExternalId, Retained};

/// Reads what would be erased.
pub trait ReadErasures {
    /// Counts the rows of an account or a user. The work grows with their number.
    fn count_erasable(&mut self, subject: ErasureSubject) -> StorageResult<ErasureCounts>;
}

/// Erases personal data permanently.
///
/// What is erased of an account: its members, overrides, grants, allocations, holds, history of
/// subscriptions, bookings and usage records, and the texts of its staff members and audit entries.
/// Counters stay. Those whose rows are deleted are marked, so that they are compared with nothing.
///
/// What is erased of a user: the request ids and addresses of rows that they created, and of audit
/// entries of what they did.
pub trait Erasures: ReadErasures {
    /// Removes the external id of an account, so that another account may have it.
    fn release_external_id(&mut self, account: AccountId, external_id: &ExternalId) -> StorageResult<()>;

    /// Remembers an erasure, whose rows [`Erasures::continue_erasure`] erases. The subject has no
    /// other erasure that is remembered.
    fn insert_erasure(&mut self, erasure: &Erasure) -> StorageResult<()>;

    /// Erases up to about `max` rows of one of the remembered erasures, and forgets it after the last
    /// row. Returns whether there may be more; `false` also if another unit of work has the erasure.
    fn continue_erasure(&mut self, max: usize) -> StorageResult<bool>;
}

/// Deletes old rows of all accounts. Their counters stay, and are marked, so that they are compared
/// with nothing.
pub trait Retention {
    /// Deletes up to `max` rows of days before `before`, with their charges. The first step begins
    /// after `None`, each further one after what the previous one returned, and the last one returns
    /// `None`.
    fn delete_before(
        &mut self,
        retained: Retained,
        before: Date,
        after: Option<AccountId>,
        max: usize,
    ) -> StorageResult<Option<AccountId>>;
}
