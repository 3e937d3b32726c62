//! Permissions: what a user, with a login or an API key, may do to which target.

use domain::error::AccessError;
use domain::ports::ReadTx;
use domain::{AccountId, Actor, Role, Scope, use_cases};

/// A permission that a handler needs.
pub(crate) trait Permission: 'static {
    /// What it is about: an account, or nothing in particular.
    type Target: Copy + Send + 'static;

    /// Whether the actor has it.
    fn check(tx: &mut dyn ReadTx, actor: &Actor, target: Self::Target) -> Result<(), AccessError>;
}

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident($target:ty) = |$tx:ident, $actor:ident, $about:ident| $check:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub(crate) enum $name {}

        impl Permission for $name {
            type Target = $target;

            fn check($tx: &mut dyn ReadTx, $actor: &Actor, $about: $target) -> Result<(), AccessError> {
                $check
            }
        }
    )*};
}

permissions! {
    /// To look at the account.
    Viewer(AccountId) = |tx, actor, account| use_cases::authorize(tx, actor, account, Role::Viewer);
    /// To change the account's staff, bookings and subscription.
    Manager(AccountId) = |tx, actor, account| use_cases::authorize(tx, actor, account, Role::Manager);
    /// To remove the account, and to restore one that was removed.
    Remover(AccountId) = |tx, actor, account| use_cases::authorize_though_removed(tx, actor, account, Role::Owner);
    /// To leave the account, though it was removed.
    Leaver(AccountId) = |tx, actor, account| use_cases::authorize_though_removed(tx, actor, account, Role::Viewer);
    /// To give the account limits of its own: an operator alone, with a login or an API key for
    /// everything.
    Operator(AccountId) = |tx, actor, account| {
        use_cases::authorize(tx, actor, account, Role::Viewer)?;
        permit(actor.scope == Scope::Admin && use_cases::is_operator(tx, actor)?)
    };
    /// To change the account's members, and to read its audit.
    Owner(AccountId) = |tx, actor, account| use_cases::authorize(tx, actor, account, Role::Owner);
    /// To look at what is one's own: any credential has it.
    Reader(()) = |_tx, _actor, _target| Ok(());
    /// To open accounts: any credential but an API key that is for reading, or for one account.
    Opener(()) = |_tx, actor, _target| permit(actor.scope >= Scope::Write && actor.account_id.is_none());
    /// To change what is one's own, and what one acts with: a login, so that an API key cannot make
    /// another.
    LoggedIn(()) = |_tx, actor, _target| permit(actor.api_key.is_none());
}

fn permit(permitted: bool) -> Result<(), AccessError> {
    if permitted { Ok(()) } else { Err(AccessError::Forbidden) }
}
