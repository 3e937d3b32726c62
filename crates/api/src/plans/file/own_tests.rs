//! Tests of custom metrics and features in the file.

use domain::{Limit, Plan, PlanCatalog, Window};

use super::parse;
use super::tests::{GOOD, catalog, faults};
use crate::plans::{to_toml, warnings};

/// Custom metrics and features, with two plans in the order of the file.
const OWN: &str = r#"[[metric]]
key = "projects"
kind = "gauge"

[[metric]]
key = "bookings_per_month"
kind = "counter"
meter = "bookings"
window = "month"

[[metric]]
key = "api_calls_per_minute"
kind = "counter"
meter = "api_calls"
window = "minute"
records = false

[[feature]]
key = "sso"

[[feature]]
key = "history_days"
type = "number"

[[feature]]
key = "support"
type = "text"

[[plan]]
key = "team"
name = "Team"
default = true

[plan.limits]
staff = 9007199254740991
bookings_per_month = 100
projects = "unlimited"

[plan.features]
sso = true
history_days = 90
support = " by mail "

[[plan]]
key = "deal"
name = "A deal"
self_service = false
limits = { api_calls_per_minute = 60 }
"#;

/// Asserts that each change of [`OWN`] is refused for one reason.
#[track_caller]
fn assert_own_refused(changes: &[(&str, &str, &str)]) {
    for (good, bad, expected) in changes {
        assert!(OWN.contains(good), "{good}");
        assert_eq!(faults(&OWN.replacen(good, bad, 1)), [*expected], "{bad}");
    }
}

#[test]
fn metrics_and_features_of_ones_own_are_read() {
    let catalog = catalog(OWN);
    let metrics: Vec<String> = catalog.metrics()[2..]
        .iter()
        .map(|it| {
            let window = it.kind.window().map_or("none", Window::as_str);
            format!("{} {} {} {window} {}", it.key, it.meter, it.kind.as_str(), it.has_records)
        })
        .collect();
    assert_eq!(
        metrics,
        [
            "projects projects gauge none true",
            "bookings_per_month bookings counter month true",
            "api_calls_per_minute api_calls counter minute false",
        ]
    );
    let [sso, history, support] = catalog.features() else { panic!("there are three features") };
    let types = [sso, history, support].map(|feature| feature.feature_type.as_str());
    assert_eq!(types, ["switch", "number", "text"]);
    let plans: Vec<&Plan> = catalog.iter().collect();
    let [team, deal] = plans[..] else { panic!("there are two plans: {plans:?}") };
    let limit = |plan: &Plan, key: &str| plan.limit(&key.parse().unwrap());
    assert_eq!(limit(team, "staff"), Limit::AtMost(9_007_199_254_740_991));
    assert_eq!(limit(team, "projects"), Limit::Unlimited);
    assert_eq!((limit(team, "bookings_per_day"), limit(deal, "staff")), (Limit::AtMost(0), Limit::AtMost(0)));
    assert_eq!(limit(deal, "api_calls_per_minute"), Limit::AtMost(60));
    let values = |plan: &Plan| [sso, history, support].map(|feature| plan.feature(feature).to_string());
    assert_eq!(
        (values(team), values(deal)),
        (["on", "90", "by mail"].map(String::from), ["off", "0", ""].map(String::from))
    );
    assert_eq!((team.is_self_service, deal.is_self_service), (true, false));
    assert_eq!(catalog.default_plan(), Some(team));
}

#[test]
fn a_limit_that_a_plan_does_not_name_is_warned_of() {
    assert_eq!(warnings(&PlanCatalog::builtin()), [""; 0]);
    let warned = |text: &str| warnings(&catalog(text)).join("\n");
    assert_eq!(warned(&GOOD.replace("staff = 0\n", "")), "the plan team has no limit of staff, so it is 0 there");
    let nothing = "limits = {}";
    let expected = "the plan solo has no limit of staff, so it is 0 there\n\
                    the plan solo has no limit of bookings_per_day, so it is 0 there";
    assert_eq!(warned(&GOOD.replace("limits = { staff = 4294967295, bookings_per_day = 1_000 }", nothing)), expected);
    // No plan of this catalogue limits bookings_per_day.
    let expected = "the plan team has no limit of api_calls_per_minute, so it is 0 there\n\
                    the plan deal has no limit of staff, so it is 0 there\n\
                    the plan deal has no limit of projects, so it is 0 there\n\
                    the plan deal has no limit of bookings_per_month, so it is 0 there";
    assert_eq!(warned(OWN), expected);
}

#[test]
fn a_faulty_metric_is_refused_with_its_line() {
    let windows = r#""minute", "hour", "day", "week", "month", "year", "period" or "lifetime""#;
    assert_own_refused(&[
        ("kind = \"gauge\"\n", "", "1: kind is missing"),
        ("\"gauge\"", "'meter'", "3: kind takes \"gauge\" or \"counter\", not 'meter'"),
        ("\"gauge\"", "'gauge'\nwindow = 'day'", "4: a gauge has no window: it counts what exists at once"),
        ("window = \"month\"\n", "", &format!("5: window is missing: a counter takes {windows}")),
        ("\"month\"", "'eon'", &format!("9: window takes {windows}, not 'eon'")),
        ("\"api_calls\"", "'API'", "14: meter takes 1 to 64 of a-z, 0-9 and _, not 'API'"),
        ("records = false", "records = 0", "16: records takes true or false, not 0"),
        (
            "records = false",
            "reset = true",
            "16: there is no \"reset\": a metric has key, kind, meter, window and records",
        ),
        (
            "\"bookings\"",
            "'projects'",
            "6: the meter projects cannot have a gauge and a counter, and projects counts it in the other way",
        ),
        (
            "\"api_calls\"",
            "'bookings'",
            "12: the metrics of the meter bookings keep records or not, all alike, and bookings_per_day differs",
        ),
        ("\"gauge\"", "'gauge'\nrecords = false", "2: projects is a gauge, which cannot be without records"),
        (
            "[[metric]]\nkey = \"projects\"",
            "[[metric]]\nkey = 'staff'\nkind = 'gauge'\n[[metric]]\nkey = \"projects\"",
            "2: the metric staff is defined already",
        ),
    ]);
    let metric = |number| format!("[[metric]]\nkey = 'm{number}'\nkind = 'gauge'\n");
    let many = (0..101).map(metric).collect::<Vec<_>>().concat();
    assert_eq!(faults(&(many.clone() + GOOD)), ["1: there are 0 to 100 metrics, not 101"]);
    assert_eq!(faults(&(many.replacen("[[metric]]\nkey = 'm0'\nkind = 'gauge'\n", "", 1) + GOOD)), [""; 0]);
    assert_eq!(
        faults(&GOOD.replacen("[[plan]]", "metric = 3\n[[plan]]", 1))[0],
        "1: metric takes tables, with [[metric]] above each, not 3"
    );
}

#[test]
fn a_faulty_feature_is_refused_with_its_line() {
    assert_own_refused(&[
        (
            "key = \"sso\"\n",
            "key = \"sso\"\n[[feature]]\nkey = 'projects'\n",
            "21: the key projects is that of another feature or of a metric",
        ),
        ("\"number\"", "'float'", "23: type takes \"switch\", \"number\" or \"text\", not 'float'"),
        ("type = \"text\"", "type = \"text\"\nkind = 'text'", "28: there is no \"kind\": a feature has key and type"),
        ("sso = true", "sso = 'yes'", "40: sso takes true or false, not 'yes'"),
        ("history_days = 90", "history_days = -1", "41: history_days takes 0 to 9007199254740991, not -1"),
        ("\" by mail \"", "' '", "42: support takes a text of 1 to 500 characters and no control character, not ' '"),
        ("sso = true", "saml = true", "40: there is no \"saml\": features has the key of a [[feature]] alone"),
    ]);
}

#[test]
fn a_plan_with_faulty_new_fields_is_refused_with_its_line() {
    assert_own_refused(&[
        (
            "projects = \"unlimited\"",
            "project = 3",
            "37: there is no \"project\": limits has staff and bookings_per_day, and the key of each [[metric]]",
        ),
        (
            "9007199254740991",
            "9007199254740992",
            "35: staff takes 0 to 9007199254740991 or \"unlimited\", not 9007199254740992",
        ),
        ("self_service = false", "self_service = 'no'", "47: self_service takes true or false, not 'no'"),
        ("self_service = false", "default = true", "47: at most one plan is the default: line 32 has one already"),
        ("self_service = false", "position = 3", "29: position is missing"),
    ]);
}

#[test]
fn the_catalogue_of_ones_own_is_printed_and_read_again() {
    let catalog = catalog(OWN);
    let text = to_toml(&catalog).unwrap();
    assert_eq!(parse(&text).ok(), Some(catalog), "{text}");
}
