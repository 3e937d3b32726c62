//! What a tool says when it does not succeed.

use headroom_client::Error;
use serde_json::{Map, Value, json};

const NO_ANSWER: &str = "no_answer";
const OUTCOME_UNKNOWN: &str = "outcome_unknown";

/// A failure of a tool, as a JSON object with at least `code` and `detail`.
#[derive(Debug)]
pub(crate) struct Failure(pub(crate) Value);

impl Failure {
    /// A failure without an answer of the service.
    pub(crate) fn new(code: &str, detail: &str) -> Self {
        Self(json!({ "code": code, "detail": detail }))
    }

    /// The failure of a request that only reads, or of a dry run: it has no outcome that could be unknown.
    pub(crate) fn of_read(mut self) -> Self {
        if self.0["code"] == OUTCOME_UNKNOWN {
            self.0["code"] = NO_ANSWER.into();
        }
        self
    }

    /// The failure of a tool that writes: it says how to repeat a call whose outcome is unknown.
    pub(crate) fn of_write(mut self, key: Option<&Value>) -> Self {
        if self.0["code"] == OUTCOME_UNKNOWN {
            let with = if key.is_some() { " and this idempotency_key" } else { "" };
            let detail = self.0["detail"].as_str().unwrap_or_default().trim_end_matches('.');
            self.0["detail"] = format!(
                "{detail}. It may have been done. Call the tool again with the same arguments{with}: that has one effect."
            )
            .into();
        }
        if let Some(key) = key {
            self.0["idempotency_key"] = key.clone();
        }
        self
    }
}

/// A problem with all its members, so that a refusal says what is used and what would help. The
/// errors of the client contain no credential.
impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let Some(problem) = error.problem() else {
            let code = match &error {
                Error::Connection { is_sent: true, .. } | Error::UnexpectedAnswer { status: 502..=504, .. } => {
                    OUTCOME_UNKNOWN
                }
                Error::Connection { is_sent: false, .. } => NO_ANSWER,
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
