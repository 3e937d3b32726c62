//! Unknown keys of plans, metrics, meters and features: refusals that name the known ones.

use domain::{KeyKind, PlanCatalog, keys_of_kind};

use super::unknown::{closest, listed};
use super::{Code, Problem};

/// The maximum number of known keys in a problem.
const KEYS_MAX: usize = 20;

impl Problem {
    /// 404 for a path with `key`, which `catalog` does not have. The built-in metrics are not listed.
    pub(crate) fn no_such_key(kind: KeyKind, key: &str, catalog: &PlanCatalog) -> Self {
        let problem = Self::new(Code::NotFound);
        if !catalog.is_extended() {
            return problem;
        }
        problem.with_detail(format!("The catalogue has no such {kind}.{}", hint(key, &keys_of_kind(catalog, kind))))
    }

    /// A refusal of the plan `key`, with the plans of `catalog`. The built-in plans are not listed.
    pub(crate) fn naming_plans(self, key: &str, catalog: &PlanCatalog) -> Self {
        if self.code != Code::UnknownPlan || catalog.iter().eq(PlanCatalog::builtin().iter()) {
            return self;
        }
        let keys: Vec<&str> = catalog.iter().map(|plan| plan.key.as_str()).collect();
        let detail = format!("{}{}", self.code.detail(), hint(key, &keys));
        self.with_detail(detail)
    }
}

/// The rest of a detail about an unknown key: the closest key, and the known ones.
pub(crate) fn hint(key: &str, keys: &[&str]) -> String {
    did_you_mean(key, keys) + &known(keys)
}

/// ` Did you mean "staff"?`, if a key is similar enough.
pub(super) fn did_you_mean(key: &str, keys: &[&str]) -> String {
    closest(key, keys).map(|closest| format!(" Did you mean {closest:?}?")).unwrap_or_default()
}

/// ` Known are "staff" and "sms".`
pub(super) fn known(keys: &[&str]) -> String {
    let mut shown: Vec<String> = keys.iter().take(KEYS_MAX).map(|key| format!("{key:?}")).collect();
    if keys.len() > KEYS_MAX {
        shown.push(format!("{} more", keys.len() - KEYS_MAX));
    }
    match shown.as_slice() {
        [] => " The catalogue has none.".to_owned(),
        [only] => format!(" Known is {only}."),
        several => format!(" Known are {}.", listed(several)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_has_the_closest_key_and_up_to_20_keys() {
        for (key, keys, expected) in [
            ("Sms", &["sms", "projects"][..], r#" Did you mean "sms"? Known are "sms" and "projects"."#),
            ("rooms", &["sms"], r#" Known is "sms"."#),
            ("rooms", &[], " The catalogue has none."),
        ] {
            assert_eq!(hint(key, keys), expected);
        }
        let keys: Vec<String> = (0..KEYS_MAX + 2).map(|number| format!("metric_{number}")).collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        assert!(known(&keys[..KEYS_MAX]).ends_with(r#" and "metric_19"."#));
        assert!(known(&keys).ends_with(r#", "metric_19" and 2 more."#));
    }
}
