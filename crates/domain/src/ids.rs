//! Typed ids, a newtype for each kind.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;
use uuid::Uuid;

use crate::typeid;

/// The text is not an id of the expected kind.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("not an id of this kind, which begins with \"{prefix}_\"")]
pub struct InvalidId {
    /// The prefix of ids of this kind.
    pub prefix: &'static str,
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[doc = concat!("\n\nIts text form is a `TypeID`, `", $prefix, "_` and 26 characters.")]
        #[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub struct $name(Uuid);

        impl $name {
            /// The type prefix of the text form.
            pub const PREFIX: &'static str = $prefix;

            /// The id with this UUID.
            #[must_use]
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID of the id.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let suffix = typeid::encode(self.0);
                f.write_str(concat!($prefix, "_"))?;
                f.write_str(std::str::from_utf8(&suffix).map_err(|_| fmt::Error)?)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                text.strip_prefix(concat!($prefix, "_"))
                    .and_then(typeid::decode)
                    .map(Self)
                    .ok_or(InvalidId { prefix: $prefix })
            }
        }
    };
}

id!(
    /// The id of an account.
    AccountId,
    "acct"
);
id!(
    /// The id of a subscription.
    SubscriptionId,
    "sub"
);
id!(
    /// The id of a staff member.
    StaffId,
    "staff"
);
id!(
    /// The id of a booking.
    BookingId,
    "bkg"
);
id!(
    /// The id of a user.
    UserId,
    "user"
);
id!(
    /// The id of a session: one login, through all its refreshed tokens.
    SessionId,
    "sess"
);
id!(
    /// The id of an API key.
    ApiKeyId,
    "key"
);
id!(
    /// The id of an audit log entry.
    AuditEntryId,
    "audit"
);
id!(
    /// The id of a usage record.
    UsageRecordId,
    "use"
);
id!(
    /// The id of a hold.
    HoldId,
    "hold"
);
id!(
    /// The id of a grant.
    GrantId,
    "grant"
);
id!(
    /// The id of a change in the history of a subscription.
    SubscriptionChangeId,
    "change"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_written_with_its_prefix_and_read_back() {
        let id = AccountId::from_uuid(Uuid::from_u128(0x0189_0a5d_ac96_774b_bcce_b302_099a_8057));
        assert_eq!(id.to_string(), "acct_01h455vb4pex5vsknk084sn02q");
        assert_eq!("acct_01h455vb4pex5vsknk084sn02q".parse(), Ok(id));
    }

    #[test]
    fn an_id_of_another_kind_is_refused() {
        let refusal = "staff_01h455vb4pex5vsknk084sn02q".parse::<AccountId>();
        assert_eq!(refusal, Err(InvalidId { prefix: "acct" }));
    }
}
