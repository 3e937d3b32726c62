//! Permissions: what an actor, with a login or an API key, may do with a target.

use domain::error::AccessError;
use domain::ports::ReadTx;
use domain::{AccountId, Actor, Role, Scope, use_cases};

/// A permission that a handler needs.
pub(crate) trait Permission: 'static {
    /// The target: an account, or `()`.
    type Target: Copy + Send + 'static;

    /// Checks that the actor has the permission.
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
    /// To read the account.
    Viewer(AccountId) = |tx, actor, account| use_cases::authorize(tx, actor, account, Role::Viewer);
    /// To change the account's staff, bookings and subscription.
    Manager(AccountId) = |tx, actor, account| use_cases::authorize(tx, actor, account, Role::Manager);
    /// To remove the account, and to restore one that was removed.
    Remover(AccountId) = |tx, actor, account| use_cases::authorize_though_removed(tx, actor, account, Role::Owner);
    /// To leave the account, even if it is removed.
    Leaver(AccountId) = |tx, actor, account| use_cases::authorize_though_removed(tx, actor, account, Role::Viewer);
    /// To override the account's limits: operators only, with a login or an API key of full scope.
    Operator(AccountId) = |tx, actor, account| {
        use_cases::authorize(tx, actor, account, Role::Viewer)?;
        permit(actor.scope == Scope::Admin && use_cases::is_operator(tx, actor)?)
    };
    /// To load the plans again: as [`Operator`], with an API key that is not bound to an account.
    PlansOperator(()) = |tx, actor, _target| {
        permit(actor.scope == Scope::Admin && actor.account_id.is_none() && use_cases::is_operator(tx, actor)?)
    };
    /// To read about all accounts: operators only, with a login or an API key that is not bound to an
    /// account.
    OperatorReader(()) = |tx, actor, _target| {
        permit(actor.account_id.is_none() && use_cases::is_operator(tx, actor)?)
    };
    /// To erase users: as [`PlansOperator`].
    UserEraser(()) = |tx, actor, target| PlansOperator::check(tx, actor, target);
    /// To erase the account: as [`PlansOperator`], also after it was erased, for a repeated request.
    AccountEraser(AccountId) = |tx, actor, account| match PlansOperator::check(tx, actor, ()) {
        Err(AccessError::Forbidden) => {
            use_cases::authorize_though_removed(tx, actor, account, Role::Viewer)?;
            Err(AccessError::Forbidden)
        }
        checked => checked,
    };
    /// To change the account's members, and to read its audit.
    Owner(AccountId) = |tx, actor, account| use_cases::authorize(tx, actor, account, Role::Owner);
    /// To read one's own data: every credential has it.
    Reader(()) = |_tx, _actor, _target| Ok(());
    /// To open accounts: every credential except API keys that are read-only or bound to one
    /// account.
    Opener(()) = |_tx, actor, _target| permit(actor.scope >= Scope::Write && actor.account_id.is_none());
    /// To change one's own data and credentials: a login only, so that an API key cannot create
    /// another.
    LoggedIn(()) = |_tx, actor, _target| permit(actor.api_key.is_none());
}

fn permit(permitted: bool) -> Result<(), AccessError> {
    if permitted { Ok(()) } else { Err(AccessError::Forbidden) }
}
