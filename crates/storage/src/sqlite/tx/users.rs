//! Users, and what they log in and act with.

use domain::error::StorageError;
use domain::ports::{ReadUsers, Users};
use domain::{
    AccountId, ApiKey, ApiKeyId, Name, PasswordHash, RefreshToken, SecretHash, Session, SessionId, Timestamp, User,
    UserId, Username,
};
use rusqlite::{Row, params};

use super::{END, SqliteTx};
use crate::sqlite::row;

fn user(found: &Row<'_>) -> Result<User, StorageError> {
    Ok(User {
        id: UserId::from_uuid(row::uuid(found, 0)?),
        username: row::parsed(found, 1, Username::parse)?,
        password: PasswordHash::from_phc(row::column(found, 2)?),
        is_operator: row::column(found, 3)?,
        is_disabled: row::column(found, 4)?,
        created_at: row::instant(found, 5)?,
    })
}

fn api_key(found: &Row<'_>) -> Result<ApiKey, StorageError> {
    Ok(ApiKey {
        id: ApiKeyId::from_uuid(row::uuid(found, 0)?),
        user_id: UserId::from_uuid(row::uuid(found, 1)?),
        name: row::parsed(found, 2, Name::parse)?,
        secret: SecretHash(row::column(found, 3)?),
        scope: row::parsed(found, 4, str::parse)?,
        account_id: row::optional_uuid(found, 5)?.map(AccountId::from_uuid),
        created_at: row::instant(found, 6)?,
        expires_at: row::optional_instant(found, 7)?,
        last_used_at: row::optional_instant(found, 8)?,
    })
}

impl ReadUsers for SqliteTx<'_> {
    fn find_user(&mut self, id: UserId) -> Result<Option<User>, StorageError> {
        self.find(
            "SELECT id, username, password, is_operator, is_disabled, created_at FROM users WHERE id = ?1",
            [row::id(id.uuid())],
            user,
        )
    }

    fn find_user_named(&mut self, username: &Username) -> Result<Option<User>, StorageError> {
        self.find(
            "SELECT id, username, password, is_operator, is_disabled, created_at FROM users WHERE username = ?1",
            [username.as_str()],
            user,
        )
    }

    fn list_users(&mut self, after: Option<UserId>, max: usize) -> Result<Vec<User>, StorageError> {
        self.list(
            "SELECT id, username, password, is_operator, is_disabled, created_at FROM users
             WHERE id < ?1 ORDER BY id DESC LIMIT ?2",
            params![after.map_or(END, |id| row::id(id.uuid())), row::limit(max)],
            user,
        )
    }

    fn list_operators(&mut self) -> Result<Vec<User>, StorageError> {
        self.list(
            "SELECT id, username, password, is_operator, is_disabled, created_at
             FROM users INDEXED BY users_who_are_operators WHERE is_operator = 1 ORDER BY id DESC",
            [],
            user,
        )
    }

    fn find_session(&mut self, id: SessionId) -> Result<Option<Session>, StorageError> {
        self.find("SELECT user_id, created_at, expires_at FROM sessions WHERE id = ?1", [row::id(id.uuid())], |found| {
            let user_id = UserId::from_uuid(row::uuid(found, 0)?);
            Ok(Session { id, user_id, created_at: row::instant(found, 1)?, expires_at: row::instant(found, 2)? })
        })
    }

    fn find_refresh_token(&mut self, hash: &SecretHash) -> Result<Option<RefreshToken>, StorageError> {
        self.find("SELECT session_id, is_used FROM refresh_tokens WHERE hash = ?1", [hash.0], |found| {
            let session_id = SessionId::from_uuid(row::uuid(found, 0)?);
            Ok(RefreshToken { hash: *hash, session_id, is_used: row::column(found, 1)? })
        })
    }

    fn find_api_key(&mut self, id: ApiKeyId) -> Result<Option<ApiKey>, StorageError> {
        self.find(
            "SELECT id, user_id, name, secret, scope, account_id, created_at, expires_at, last_used_at
             FROM api_keys WHERE id = ?1",
            [row::id(id.uuid())],
            api_key,
        )
    }

    fn list_api_keys(
        &mut self,
        user: UserId,
        after: Option<ApiKeyId>,
        max: usize,
    ) -> Result<Vec<ApiKey>, StorageError> {
        self.list(
            "SELECT id, user_id, name, secret, scope, account_id, created_at, expires_at, last_used_at
             FROM api_keys WHERE user_id = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3",
            params![row::id(user.uuid()), after.map_or(END, |id| row::id(id.uuid())), row::limit(max)],
            api_key,
        )
    }
}

impl Users for SqliteTx<'_> {
    /// The whole database is locked already: the transaction began with `BEGIN IMMEDIATE`.
    fn lock_user(&mut self, id: UserId) -> Result<Option<User>, StorageError> {
        self.find_user(id)
    }

    fn insert_user(&mut self, user: &User) -> Result<(), StorageError> {
        self.change(
            "user",
            "INSERT INTO users (id, username, password, is_operator, is_disabled, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                row::id(user.id.uuid()),
                user.username.as_str(),
                user.password.as_str(),
                user.is_operator,
                user.is_disabled,
                user.created_at.as_microsecond()
            ],
        )
    }

    fn update_user(&mut self, user: &User) -> Result<(), StorageError> {
        self.change(
            "user",
            "UPDATE users SET username = ?2, password = ?3, is_operator = ?4, is_disabled = ?5 WHERE id = ?1",
            params![
                row::id(user.id.uuid()),
                user.username.as_str(),
                user.password.as_str(),
                user.is_operator,
                user.is_disabled
            ],
        )
    }

    /// What is theirs goes with them: the foreign keys say `ON DELETE CASCADE`.
    fn delete_user(&mut self, id: UserId) -> Result<(), StorageError> {
        self.forget_known(None)?;
        self.execute("DELETE FROM users WHERE id = ?1", [row::id(id.uuid())]).map(drop)
    }

    fn insert_session(&mut self, session: &Session) -> Result<(), StorageError> {
        self.change(
            "session",
            "INSERT INTO sessions (id, user_id, created_at, expires_at) VALUES (?1, ?2, ?3, ?4)",
            params![
                row::id(session.id.uuid()),
                row::id(session.user_id.uuid()),
                session.created_at.as_microsecond(),
                session.expires_at.as_microsecond()
            ],
        )
    }

    fn extend_session(&mut self, id: SessionId, expires_at: Timestamp) -> Result<(), StorageError> {
        self.change(
            "session",
            "UPDATE sessions SET expires_at = ?2 WHERE id = ?1",
            params![row::id(id.uuid()), expires_at.as_microsecond()],
        )
    }

    fn delete_session(&mut self, id: SessionId) -> Result<(), StorageError> {
        self.execute("DELETE FROM sessions WHERE id = ?1", [row::id(id.uuid())]).map(drop)
    }

    fn delete_sessions(&mut self, user: UserId, until: Option<Timestamp>) -> Result<(), StorageError> {
        let until = until.map_or(i64::MAX, Timestamp::as_microsecond);
        self.execute(
            "DELETE FROM sessions WHERE user_id = ?1 AND expires_at <= ?2",
            params![row::id(user.uuid()), until],
        )
        .map(drop)
    }

    fn insert_refresh_token(&mut self, session: SessionId, hash: &SecretHash) -> Result<(), StorageError> {
        self.change(
            "refresh token",
            "INSERT INTO refresh_tokens (hash, session_id, is_used) VALUES (?1, ?2, 0)",
            params![hash.0, row::id(session.uuid())],
        )
    }

    fn use_refresh_token(&mut self, hash: &SecretHash) -> Result<(), StorageError> {
        self.change("refresh token", "UPDATE refresh_tokens SET is_used = 1 WHERE hash = ?1", [hash.0])
    }

    fn insert_api_key(&mut self, key: &ApiKey) -> Result<(), StorageError> {
        self.change(
            "API key",
            "INSERT INTO api_keys
                 (id, user_id, name, secret, scope, account_id, created_at, expires_at, last_used_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            params![
                row::id(key.id.uuid()),
                row::id(key.user_id.uuid()),
                key.name.as_str(),
                key.secret.0,
                key.scope.as_str(),
                key.account_id.map(|id| row::id(id.uuid())),
                key.created_at.as_microsecond(),
                key.expires_at.map(Timestamp::as_microsecond),
                key.last_used_at.map(Timestamp::as_microsecond)
            ],
        )
    }

    fn touch_api_key(&mut self, id: ApiKeyId, at: Timestamp) -> Result<(), StorageError> {
        let at = at.as_microsecond();
        self.execute("UPDATE api_keys SET last_used_at = ?2 WHERE id = ?1", params![row::id(id.uuid()), at]).map(drop)
    }

    fn delete_api_key(&mut self, id: ApiKeyId) -> Result<(), StorageError> {
        self.execute("DELETE FROM api_keys WHERE id = ?1", [row::id(id.uuid())]).map(drop)
    }
}
