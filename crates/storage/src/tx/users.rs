//! Users, their sessions and their API keys.

use std::sync::LazyLock;

use domain::error::StorageError;
use domain::ports::{ReadUsers, Users};
use domain::{ApiKey, ApiKeyId, RefreshToken, SecretHash, Session, SessionId, Timestamp, User, UserId, Username};

use super::{Dialect, END, SqlTx, limit};
use crate::tables::{self, API_KEYS, REFRESH_TOKENS, SESSIONS, Sql, USERS, sql};

impl ReadUsers for SqlTx<'_> {
    fn find_user(&mut self, id: UserId) -> Result<Option<User>, StorageError> {
        let sql = sql!("SELECT {} FROM users WHERE id = $1", USERS.column_list());
        self.find(sql, &[id.uuid().into()], tables::user)
    }

    fn find_user_named(&mut self, username: &Username) -> Result<Option<User>, StorageError> {
        let sql = sql!("SELECT {} FROM users WHERE username = $1", USERS.column_list());
        self.find(sql, &[username.as_str().into()], tables::user)
    }

    fn list_users(&mut self, after: Option<UserId>, max: usize) -> Result<Vec<User>, StorageError> {
        let sql = sql!("SELECT {} FROM users WHERE id < $1 ORDER BY id DESC LIMIT $2", USERS.column_list());
        self.list(sql, &[after.map_or(END, UserId::uuid).into(), limit(max)], tables::user)
    }

    fn list_operators(&mut self) -> Result<Vec<User>, StorageError> {
        let sql = sql!(
            "SELECT {} FROM users [INDEXED BY users_who_are_operators]
             WHERE is_operator AND is_operator = $1 ORDER BY id DESC",
            USERS.column_list()
        );
        self.list(sql, &[true.into()], tables::user)
    }

    fn find_session(&mut self, id: SessionId) -> Result<Option<Session>, StorageError> {
        let sql = sql!("SELECT {} FROM sessions WHERE id = $1", SESSIONS.column_list());
        self.find(sql, &[id.uuid().into()], tables::session)
    }

    fn list_sessions(&mut self, user: UserId) -> Result<Vec<Session>, StorageError> {
        let sql = sql!("SELECT {} FROM sessions WHERE user_id = $1 ORDER BY created_at, id", SESSIONS.column_list());
        self.list(sql, &[user.uuid().into()], tables::session)
    }

    fn find_refresh_token(&mut self, hash: &SecretHash) -> Result<Option<RefreshToken>, StorageError> {
        let sql = sql!("SELECT {} FROM refresh_tokens WHERE hash = $1", REFRESH_TOKENS.column_list());
        self.find(sql, &[hash.0.as_slice().into()], tables::refresh_token)
    }

    fn find_api_key(&mut self, id: ApiKeyId) -> Result<Option<ApiKey>, StorageError> {
        let sql = sql!("SELECT {} FROM api_keys WHERE id = $1", API_KEYS.column_list());
        self.find(sql, &[id.uuid().into()], tables::api_key)
    }

    fn list_api_keys(
        &mut self,
        user: UserId,
        after: Option<ApiKeyId>,
        max: usize,
    ) -> Result<Vec<ApiKey>, StorageError> {
        let sql = sql!(
            "SELECT {} FROM api_keys WHERE user_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
            API_KEYS.column_list()
        );
        let params = [user.uuid().into(), after.map_or(END, ApiKeyId::uuid).into(), limit(max)];
        self.list(sql, &params, tables::api_key)
    }
}

impl Users for SqlTx<'_> {
    /// In SQLite `BEGIN IMMEDIATE` has locked the database.
    fn lock_user(&mut self, id: UserId) -> Result<Option<User>, StorageError> {
        match self.connection.dialect() {
            Dialect::Sqlite => self.find_user(id),
            // The strongest lock of a row, which also excludes inserts of references to the user.
            Dialect::Postgres => {
                let sql = sql!("SELECT {} FROM users WHERE id = $1 FOR UPDATE", USERS.column_list());
                self.find(sql, &[id.uuid().into()], tables::user)
            }
        }
    }

    fn insert_user(&mut self, user: &User) -> Result<(), StorageError> {
        self.insert(&USERS, &tables::user_values(user))
    }

    fn update_user(&mut self, user: &User) -> Result<(), StorageError> {
        let values = USERS.changing(tables::user_values(user));
        self.change("user", USERS.update(), &values)
    }

    /// `ON DELETE CASCADE` also deletes their sessions, API keys and memberships.
    fn delete_user(&mut self, id: UserId) -> Result<(), StorageError> {
        self.execute(sql!("DELETE FROM users WHERE id = $1"), &[id.uuid().into()]).map(drop)
    }

    fn insert_session(&mut self, session: &Session) -> Result<(), StorageError> {
        self.insert(&SESSIONS, &tables::session_values(session))
    }

    fn extend_session(&mut self, id: SessionId, expires_at: Timestamp) -> Result<(), StorageError> {
        let sql = sql!("UPDATE sessions SET expires_at = $2 WHERE id = $1");
        self.change("session", sql, &[id.uuid().into(), expires_at.into()])
    }

    fn delete_session(&mut self, id: SessionId) -> Result<(), StorageError> {
        self.execute(sql!("DELETE FROM sessions WHERE id = $1"), &[id.uuid().into()]).map(drop)
    }

    fn delete_sessions(&mut self, user: UserId, until: Option<Timestamp>) -> Result<(), StorageError> {
        let sql = sql!("DELETE FROM sessions WHERE user_id = $1 AND expires_at <= $2");
        self.execute(sql, &[user.uuid().into(), until.unwrap_or(Timestamp::MAX).into()]).map(drop)
    }

    fn delete_expired_sessions(&mut self, until: Timestamp, max: usize) -> Result<usize, StorageError> {
        static EXPIRED: LazyLock<Sql> = LazyLock::new(|| SESSIONS.delete_until("expires_at"));
        let tokens = match self.connection.dialect() {
            Dialect::Sqlite => sql!(
                "DELETE FROM refresh_tokens WHERE hash IN (
                     SELECT hash FROM sessions JOIN refresh_tokens ON session_id = id WHERE expires_at <= $1
                     ORDER BY expires_at LIMIT $2)"
            ),
            // Skips rows that another process is deleting. An array, so that the subquery runs
            // once.
            Dialect::Postgres => sql!(
                "DELETE FROM refresh_tokens WHERE hash = ANY (ARRAY(
                     SELECT hash FROM sessions JOIN refresh_tokens ON session_id = id WHERE expires_at <= $1
                     ORDER BY expires_at LIMIT $2 FOR UPDATE OF refresh_tokens SKIP LOCKED))"
            ),
        };
        let removed = self.delete(tokens, until, max)?;
        if removed >= max {
            return Ok(removed);
        }
        // Now no expired session has a token.
        Ok(removed + self.delete(&EXPIRED, until, max - removed)?)
    }

    fn insert_refresh_token(&mut self, session: SessionId, hash: &SecretHash) -> Result<(), StorageError> {
        self.insert(&REFRESH_TOKENS, &[hash.0.as_slice().into(), session.uuid().into(), None::<Timestamp>.into()])
    }

    fn use_refresh_token(&mut self, hash: &SecretHash, at: Timestamp) -> Result<(), StorageError> {
        let sql = sql!("UPDATE refresh_tokens SET used_at = $2 WHERE hash = $1");
        self.change("refresh token", sql, &[hash.0.as_slice().into(), at.into()])
    }

    fn insert_api_key(&mut self, key: &ApiKey) -> Result<(), StorageError> {
        self.insert(&API_KEYS, &tables::api_key_values(key))
    }

    fn touch_api_key(&mut self, id: ApiKeyId, at: Timestamp) -> Result<(), StorageError> {
        let sql = match self.connection.dialect() {
            Dialect::Sqlite => sql!("UPDATE api_keys SET last_used_at = $2 WHERE id = $1"),
            // A unit that has locked the row records a use as well, so this one skips it. Units of
            // several keys share transactions and could otherwise wait for each other.
            Dialect::Postgres => sql!(
                "UPDATE api_keys SET last_used_at = $2
                 WHERE id = (SELECT id FROM api_keys WHERE id = $1 FOR NO KEY UPDATE SKIP LOCKED)"
            ),
        };
        self.execute(sql, &[id.uuid().into(), at.into()]).map(drop)
    }

    fn delete_api_key(&mut self, id: ApiKeyId) -> Result<(), StorageError> {
        self.execute(sql!("DELETE FROM api_keys WHERE id = $1"), &[id.uuid().into()]).map(drop)
    }

    fn delete_expired_api_keys(&mut self, until: Timestamp, max: usize) -> Result<usize, StorageError> {
        static EXPIRED: LazyLock<Sql> = LazyLock::new(|| API_KEYS.delete_until("expires_at"));
        self.delete(&EXPIRED, until, max)
    }
}
