//! `GET /users/me`.

use actix_web::web::{Data, Json};

use super::{UserBody, find_oneself};
use crate::AppState;
use crate::access::{Caller, Reader};
use crate::openapi::problems;
use crate::problem::Problem;

problems!(Refusals: ANY, TOKEN, FIND);

/// Look yourself up
///
/// Whoever the token or the API key belongs to.
#[utoipa::path(
    get, path = "/users/me", tag = "Users", operation_id = "find_me",
    security(("password" = ["user"]), ("program_key" = ["read"])),
    responses(
        (status = 200, description = "You.", body = UserBody,
            example = json!({"id": "user_01h455vb4pex5vsknk084sn02q", "username": "ann", "is_operator": false,
                "created_at": "2026-03-29T08:00:00Z"})),
        Refusals,
    )
)]
pub(crate) async fn find_me(caller: Caller<Reader>, state: Data<AppState>) -> Result<Json<UserBody>, Problem> {
    Ok(Json(caller.read(&state, (), find_oneself).await?.into()))
}
