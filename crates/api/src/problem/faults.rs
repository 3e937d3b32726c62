//! Faults of a body as a problem.

use domain::{FaultReason, Faults, KeyKind, PlanCatalog, keys_of_kind};
use serde::Serialize;
use serde_json::{Value, json};

use super::known_keys::{did_you_mean, known};
use super::{Code, Problem};

/// A fault in a field of a body.
#[derive(Debug, Serialize)]
struct FieldError {
    pointer: String,
    code: &'static str,
    detail: String,
}

impl From<Faults> for Problem {
    fn from(faults: Faults) -> Self {
        described(&faults, |_, reason| reason.to_string())
    }
}

impl Problem {
    /// The faults of a `body` that names keys of `catalog`. The details of unknown keys name the
    /// closest key, and the first of each kind also the known ones: so a response is not many times
    /// as long as its request.
    pub(crate) fn of_faults(faults: Faults, body: &[u8], catalog: &PlanCatalog) -> Self {
        if !faults.iter().any(|fault| matches!(fault.reason, FaultReason::UnknownKey { .. })) {
            return faults.into();
        }
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let mut listed: Vec<KeyKind> = Vec::new();
        described(&faults, |pointer, reason| {
            let FaultReason::UnknownKey { kind } = reason else { return reason.to_string() };
            let sent = body.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
            let keys = keys_of_kind(catalog, kind);
            let detail = format!("{reason}{}", did_you_mean(sent, &keys));
            if listed.contains(&kind) {
                return detail;
            }
            listed.push(kind);
            detail + &known(&keys)
        })
    }
}

/// The problem, with the `detail` of each fault by its pointer.
fn described(faults: &Faults, mut detail: impl FnMut(&str, FaultReason) -> String) -> Problem {
    let errors = faults.pointers().map(|(pointer, reason)| {
        let detail = detail(&pointer, reason);
        FieldError { pointer, code: reason.code(), detail }
    });
    let errors: Vec<FieldError> = errors.collect();
    Problem::new(Code::ValidationFailed).with("errors", json!(errors))
}
