//! Users: the caller, and new ones.

use domain::{Timestamp, UserId};
use serde::{Deserialize, Serialize};

use super::accounts::Erasure;
use crate::call::Call;
use crate::request::Request;
use crate::transport::Transport;

/// A user.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct User {
    /// The id.
    pub id: UserId,
    /// The username.
    pub username: String,
    /// Whether they are an operator.
    pub is_operator: bool,
    /// When they registered.
    pub created_at: Timestamp,
}

/// The operations on users.
#[derive(Clone, Debug)]
pub struct Users(pub(crate) Transport);

impl Users {
    /// Registers a user.
    pub fn register(&self, username: &str, password: &str) -> Request<User> {
        let body = serde_json::json!({ "username": username, "password": password });
        Request::with_json(&self.0, Call::post(&["users"]), &body)
    }

    /// The caller.
    pub fn me(&self) -> Request<User> {
        Request::new(&self.0, Call::get(&["users", "me"]))
    }

    /// Changes the caller's username.
    pub fn rename(&self, username: &str) -> Request<User> {
        let body = serde_json::json!({ "username": username });
        Request::with_json(&self.0, Call::patch(&["users", "me"]), &body)
    }

    /// Changes the caller's password, and ends all their sessions. It is not sent again if it may have
    /// happened: the credential would be refused.
    pub fn change_password(&self, password: &str, new_password: &str) -> Request<()> {
        let body = serde_json::json!({ "password": password, "new_password": new_password });
        Request::with_json(&self.0, Call::post(&["users", "me", "password"]).that_ends_its_credential(), &body)
    }

    /// Deletes the caller. It is not sent again if it may have happened, as
    /// [`change_password`](Self::change_password).
    pub fn delete_me(&self) -> Request<()> {
        Request::new(&self.0, Call::delete(&["users", "me"]).that_ends_its_credential())
    }

    /// Erases the personal data of a user, by id or username, permanently (operators).
    pub fn erase(&self, user: impl ToString) -> Request<Erasure> {
        Request::new(&self.0, Call::post(&["users", &user.to_string(), "erase"]))
    }
}
