//! What a tool says when it does not succeed.

use headroom_client::Error;
use serde_json::{Map, Value, json};

/// A failure of a tool, as a JSON object with at least `code` and `detail`.
#[derive(Debug)]
pub(crate) struct Failure(pub(crate) Value);

impl Failure {
    /// A failure without an answer of the service.
    pub(crate) fn new(code: &str, detail: &str) -> Self {
        Self(json!({ "code": code, "detail": detail }))
    }
}

/// A problem with all its members, so that a refusal says what is used and what would help. The
/// errors of the client contain no credential.
impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let Some(problem) = error.problem() else {
            let code = match &error {
                Error::Connection { is_sent: true, .. } | Error::UnexpectedAnswer { status: 502..=504, .. } => {
                    let advice = "If the tool writes, that may have been done: read before you call it again, or call it \
                                  again with the idempotency_key that it had.";
                    return Self::new("outcome_unknown", &format!("{error}. {advice}"));
                }
                Error::Connection { is_sent: false, .. } => "no_answer",
                Error::UnexpectedAnswer { .. } => "unexpected_answer",
                Error::Unsendable(_) => "invalid_arguments",
                _ => "misconfigured",
            };
            return Self::new(code, &error.to_string());
        };
        let mut members = Map::new();
        members.insert("code".to_owned(), problem.code.clone().into());
        members.insert("detail".to_owned(), problem.detail.clone().into());
        members.insert("status".to_owned(), problem.status.into());
        members.insert("request_id".to_owned(), problem.request_id.clone().into());
        members.extend(problem.members.clone());
        Self(Value::Object(members))
    }
}
