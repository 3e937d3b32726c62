//! The response of a check.

use domain::PlanKey;
use domain::use_cases::{Answer, Check, FeatureCheck};
use serde::Serialize;
use utoipa::ToSchema;

use crate::endpoints::overrides::{FeatureOverrideBody, FeatureValueBody};
use crate::problem::{Code, LimitBody, Problem};

/// The result of a check, or of several.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = CheckResponse)]
pub(crate) enum AnswersBody {
    One(AnswerBody),
    Several(SeveralAnswersBody),
}

/// The result of a check.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = CheckResult)]
pub(crate) enum AnswerBody {
    Limit(Box<CheckBody>),
    Feature(Box<FeatureCheckBody>),
}

/// The results of several checks, in the order of the questions.
#[derive(Serialize, ToSchema)]
#[schema(as = CheckResults)]
pub(crate) struct SeveralAnswersBody {
    /// The results.
    pub(super) checks: Vec<AnswerBody>,
}

/// The result of a check of a limit.
#[derive(Serialize, ToSchema)]
#[schema(as = Check)]
pub(crate) struct CheckBody {
    /// Whether the creation is permitted.
    allowed: bool,
    /// The error code of the refusal, or null: `subscription_required`, `staff_limit_exceeded`,
    /// `booking_limit_exceeded` or `limit_exceeded`.
    #[schema(required)]
    code: Option<&'static str>,
    /// The number of units in the request.
    #[schema(format = Int64, example = 3)]
    quantity: u64,
    #[serde(flatten)]
    state: LimitBody,
}

/// The result of a check of a feature.
#[derive(Serialize, ToSchema)]
#[schema(as = FeatureCheck)]
pub(crate) struct FeatureCheckBody {
    /// Whether the account has the feature: the switch is on, the number more than 0, the text not
    /// empty.
    allowed: bool,
    /// `subscription_required` without a plan, or null.
    #[schema(required)]
    code: Option<&'static str>,
    /// The key of the current plan, or null.
    #[schema(required, example = "basic")]
    plan: Option<String>,
    /// The feature.
    #[schema(example = "sso")]
    feature: String,
    value: FeatureValueBody,
    /// The override of the plan's value, or null.
    #[schema(required)]
    r#override: Option<FeatureOverrideBody>,
    /// The plans with the feature, if the account does not have it, the smallest first. Empty if it
    /// is overridden: no plan changes that.
    plans_that_allow: Vec<String>,
}

impl From<Answer> for AnswerBody {
    fn from(answer: Answer) -> Self {
        match answer {
            Answer::Limit(check) => Self::Limit(Box::new((*check).into())),
            Answer::Feature(check) => Self::Feature(Box::new((*check).into())),
        }
    }
}

impl From<Check> for CheckBody {
    fn from(check: Check) -> Self {
        let (state, quantity) = (LimitBody::from(&check), check.requested);
        let code = check.refusal.map(|refusal| Problem::from(refusal).code.as_str());
        Self { allowed: code.is_none(), code, quantity, state }
    }
}

impl From<FeatureCheck> for FeatureCheckBody {
    fn from(check: FeatureCheck) -> Self {
        let entitlement = &check.entitlement;
        let has_plan = entitlement.plan.is_some();
        Self {
            allowed: entitlement.value.is_present(),
            code: (!has_plan).then(|| Code::SubscriptionRequired.as_str()),
            plan: entitlement.plan.as_ref().map(PlanKey::to_string),
            feature: entitlement.feature.to_string(),
            value: FeatureValueBody::from(&entitlement.value),
            r#override: entitlement.given.as_ref().map(FeatureOverrideBody::from),
            plans_that_allow: check.plans_that_allow.iter().map(PlanKey::to_string).collect(),
        }
    }
}
