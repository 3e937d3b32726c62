//! The endpoints of users, most of them of the authenticated one, and the response body that they share.

mod delete;
mod erase;
mod me;
mod password;
mod register;
mod rename;

use domain::error::{FindError, StorageError};
use domain::ports::{ReadTx, WriteTx};
use domain::{Actor, User, UserId};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::endpoint::endpoints;
use crate::http::{Versioned, content_version};

endpoints! {
    register::register_user,
    me::find_me,
    rename::rename_me,
    delete::delete_me,
    password::change_password,
    erase::erase_user,
}

/// A user.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = User)]
pub(crate) struct UserBody {
    /// The user's id.
    #[schema(example = "user_01h455vb4pex5vsknk084sn02q")]
    id: String,
    /// The username, for login.
    #[schema(example = "ann")]
    username: String,
    /// Whether the user is an operator, with access to all accounts.
    #[schema(example = false)]
    is_operator: bool,
    /// The time when the user registered.
    #[schema(format = DateTime, example = "2026-03-29T08:00:00Z")]
    created_at: String,
}

impl From<User> for UserBody {
    fn from(user: User) -> Self {
        Self {
            id: user.id.to_string(),
            username: user.username.to_string(),
            is_operator: user.is_operator,
            created_at: user.created_at.to_string(),
        }
    }
}

impl Versioned for UserBody {
    fn version(&self) -> String {
        content_version(self)
    }
}

/// The user of the login or the API key.
fn find_caller(tx: &mut dyn ReadTx, actor: &Actor) -> Result<User, FindError> {
    tx.find_user(actor.user_id)?.ok_or(FindError::NotFound)
}

/// The user, locked until the unit of work ends.
fn find_locked(tx: &mut dyn WriteTx, id: UserId) -> Result<Option<UserBody>, StorageError> {
    Ok(tx.lock_user(id)?.map(UserBody::from))
}

/// The example of a user for the document.
fn example() -> Value {
    json!({
        "id": "user_01h455vb4pex5vsknk084sn02q", "username": "ann", "is_operator": false,
        "created_at": "2026-03-29T08:00:00Z",
    })
}
