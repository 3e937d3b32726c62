//! Users, their sessions and API keys, and members of accounts.

use domain::error::StorageError;
use domain::{
    AccountId, ApiKey, ApiKeyId, Member, Name, PasswordHash, RefreshToken, SecretHash, Session, SessionId, User,
    UserId, Username,
};

use super::{Fields, SqlRow, Table, Value, bool, bytes, instant, parsed, text, uuid};

/// Users.
pub(crate) static USERS: Table = Table::new(
    "users",
    &["id"],
    &[
        uuid("id"),
        text("username"),
        text("password"),
        bool("is_operator"),
        bool("is_disabled"),
        instant("created_at").fixed(),
    ],
);

pub(crate) fn user(row: &dyn SqlRow) -> Result<User, StorageError> {
    let mut fields = Fields::new(row, &USERS);
    Ok(User {
        id: UserId::from_uuid(fields.uuid("id")?),
        username: fields.parsed("username", Username::parse)?,
        password: PasswordHash::from_phc(fields.text("password")?.to_owned()),
        is_operator: fields.bool("is_operator")?,
        is_disabled: fields.bool("is_disabled")?,
        created_at: fields.instant("created_at")?,
    })
}

pub(crate) fn user_values(user: &User) -> [Value<'_>; 6] {
    [
        user.id.uuid().into(),
        user.username.as_str().into(),
        user.password.as_str().into(),
        user.is_operator.into(),
        user.is_disabled.into(),
        user.created_at.into(),
    ]
}

/// Sessions: a login each.
pub(crate) static SESSIONS: Table =
    Table::new("sessions", &["id"], &[uuid("id"), uuid("user_id"), instant("created_at"), instant("expires_at")]);

pub(crate) fn session(row: &dyn SqlRow) -> Result<Session, StorageError> {
    let mut fields = Fields::new(row, &SESSIONS);
    Ok(Session {
        id: SessionId::from_uuid(fields.uuid("id")?),
        user_id: UserId::from_uuid(fields.uuid("user_id")?),
        created_at: fields.instant("created_at")?,
        expires_at: fields.instant("expires_at")?,
    })
}

pub(crate) fn session_values(session: &Session) -> [Value<'_>; 4] {
    [session.id.uuid().into(), session.user_id.uuid().into(), session.created_at.into(), session.expires_at.into()]
}

/// The refresh tokens of sessions, used and unused.
pub(crate) static REFRESH_TOKENS: Table =
    Table::new("refresh_tokens", &["hash"], &[bytes("hash"), uuid("session_id"), instant("used_at").nullable()]);

pub(crate) fn refresh_token(row: &dyn SqlRow) -> Result<RefreshToken, StorageError> {
    let mut fields = Fields::new(row, &REFRESH_TOKENS);
    Ok(RefreshToken {
        hash: SecretHash(fields.hash("hash")?),
        session_id: SessionId::from_uuid(fields.uuid("session_id")?),
        used_at: fields.optional_instant("used_at")?,
    })
}

/// API keys of users.
pub(crate) static API_KEYS: Table = Table::new(
    "api_keys",
    &["id"],
    &[
        uuid("id"),
        uuid("user_id"),
        text("name"),
        bytes("secret"),
        text("scope"),
        uuid("account_id").nullable(),
        instant("created_at").fixed(),
        instant("expires_at").nullable(),
        instant("last_used_at").nullable(),
    ],
);

pub(crate) fn api_key(row: &dyn SqlRow) -> Result<ApiKey, StorageError> {
    let mut fields = Fields::new(row, &API_KEYS);
    Ok(ApiKey {
        id: ApiKeyId::from_uuid(fields.uuid("id")?),
        user_id: UserId::from_uuid(fields.uuid("user_id")?),
        name: fields.parsed("name", Name::parse)?,
        secret: SecretHash(fields.hash("secret")?),
        scope: fields.parsed("scope", str::parse)?,
        account_id: fields.optional_uuid("account_id")?.map(AccountId::from_uuid),
        created_at: fields.instant("created_at")?,
        expires_at: fields.optional_instant("expires_at")?,
        last_used_at: fields.optional_instant("last_used_at")?,
    })
}

pub(crate) fn api_key_values(key: &ApiKey) -> [Value<'_>; 9] {
    [
        key.id.uuid().into(),
        key.user_id.uuid().into(),
        key.name.as_str().into(),
        key.secret.0.as_slice().into(),
        key.scope.as_str().into(),
        key.account_id.map(AccountId::uuid).into(),
        key.created_at.into(),
        key.expires_at.into(),
        key.last_used_at.into(),
    ]
}

/// The members of accounts.
pub(crate) static MEMBERS: Table = Table::new(
    "members",
    &["account_id", "user_id"],
    &[uuid("account_id"), uuid("user_id"), text("role"), bool("is_pending"), instant("created_at").fixed()],
);

/// A member, from the columns of the table and the username after them.
pub(crate) fn member(row: &dyn SqlRow) -> Result<Member, StorageError> {
    let mut fields = Fields::new(row, &MEMBERS);
    Ok(Member {
        account_id: AccountId::from_uuid(fields.uuid("account_id")?),
        user_id: UserId::from_uuid(fields.uuid("user_id")?),
        role: fields.parsed("role", str::parse)?,
        is_pending: fields.bool("is_pending")?,
        created_at: fields.instant("created_at")?,
        username: parsed(row.text(MEMBERS.columns.len())?, Username::parse)?,
    })
}
