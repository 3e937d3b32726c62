//! Tests of the file: each fault with its line.

use domain::{Limit, Metric, Plan, PlanCatalog, Window};

use super::*;
use crate::plans::{to_toml, warnings};

fn faults(text: &str) -> Vec<String> {
    let faults = parse(text).err().unwrap_or_default();
    faults.into_iter().map(|fault| format!("{}: {}", line(text.as_bytes(), fault.at), fault.reason)).collect()
}

/// Two valid plans. The larger one is first in the file.
const GOOD: &str = r#"[[plan]]
key = "Team"
name = " Team "
description = "For \"all\" of us."
position = 20
replaces = ["pro", "GOLD"]

[plan.limits]
staff = 0
bookings_per_day = "unlimited"

[[plan]]
key = "solo"
name = "Solo"
position = 3
limits = { staff = 4294967295, bookings_per_day = 1_000 }
"#;

fn catalog(text: &str) -> PlanCatalog {
    parse(text).unwrap_or_else(|_| panic!("{:?}", faults(text)))
}

/// Asserts that each change of [`GOOD`] is refused for one reason.
#[track_caller]
fn assert_refused(changes: &[(&str, &str, &str)]) {
    for (good, bad, expected) in changes {
        assert!(GOOD.contains(good), "{good}");
        assert_eq!(faults(&GOOD.replacen(good, bad, 1)), [*expected], "{bad}");
    }
}

#[test]
fn a_catalogue_is_read_in_the_order_of_positions() {
    let catalog = catalog(GOOD);
    let plans: Vec<&Plan> = catalog.iter().collect();
    let limits = |plan: &Plan| [plan.limit(&Metric::STAFF), plan.limit(&Metric::BOOKINGS_PER_DAY)];
    let [solo, team] = plans[..] else { panic!("there are two plans: {plans:?}") };
    assert_eq!((solo.key.as_str(), &*solo.name, &*solo.description), ("solo", "Solo", ""));
    assert_eq!(limits(solo), [Limit::AtMost(u32::MAX.into()), Limit::AtMost(1000)]);
    assert_eq!(solo.replaces, []);
    assert_eq!((team.key.as_str(), &*team.name, &*team.description), ("team", "Team", "For \"all\" of us."));
    assert_eq!(limits(team), [Limit::AtMost(0), Limit::Unlimited]);
    assert_eq!(team.replaces, ["pro", "gold"].map(|key| key.parse().unwrap()));
}

#[test]
fn invalid_toml_is_refused_with_its_line() {
    assert_refused(&[
        ("[[plan]]\nkey", "[[plan]\nkey", "1: unclosed array table, expected `]`"),
        ("= 20", "=", "5: string values must be quoted, expected literal string"),
        ("\"Team\"", "\"Team", "2: invalid basic string, expected `\"`"),
        ("position = 20", "position = 20\nposition = 21", "6: duplicate key"),
        ("[plan.limits]", "[plan.limits", "8: unclosed table, expected `]`"),
        ("\"unlimited\"\n\n[[plan]]", "[1 2\n\n[plan]]", "10: string values must be quoted, expected literal string"),
    ]);
}

#[test]
fn a_missing_or_unknown_field_is_refused_with_its_line() {
    assert_refused(&[
        ("key = \"solo\"\n", "", "12: key is missing"),
        ("name = \" Team \"\n", "", "1: name is missing"),
        ("position = 20\n", "", "1: position is missing"),
        ("limits = {", "# {", "12: limits is missing"),
        (
            "position = 3\n",
            "position = 3\nprice = 3\n",
            "16: there is no \"price\": a plan has key, name, description, position, replaces, default, self_service, \
             limits and features",
        ),
        ("staff = 0", "staff = 0\nstuff = 0", "10: there is no \"stuff\": limits has staff and bookings_per_day"),
        (
            "[[plan]]\nkey = \"Team\"",
            "version = 1\n[[plan]]\nkey = \"Team\"",
            "1: there is no \"version\": a catalogue has [[metric]], [[feature]] and [[plan]] tables and nothing else",
        ),
    ]);
}

#[test]
fn an_invalid_or_duplicate_key_is_refused_with_its_line() {
    let (long, quoted) = (format!("'{}'", "a".repeat(65)), "a".repeat(59));
    assert_refused(&[
        ("\"solo\"", "7", "13: key takes 1 to 64 of a-z, 0-9, _ and -, not 7"),
        ("\"solo\"", "''", "13: key takes 1 to 64 of a-z, 0-9, _ and -, not ''"),
        ("\"solo\"", "'so lo'", "13: key takes 1 to 64 of a-z, 0-9, _ and -, not 'so lo'"),
        ("\"solo\"", &long, &format!("13: key takes 1 to 64 of a-z, 0-9, _ and -, not '{quoted}…")),
        ("\"solo\"", "'TEAM'", "13: the plan key team is in line 2 already"),
        ("\"solo\"", "'gold'", "13: the plan key gold is in line 6 already"),
        ("\"GOLD\"", "'team'", "6: the plan key team is in line 2 already"),
        ("\"GOLD\"", "'pro'", "6: the plan key pro is in line 6 already"),
        ("\"GOLD\"", "0", "6: replaces takes 1 to 64 of a-z, 0-9, _ and -, not 0"),
        ("[\"pro\", \"GOLD\"]", "'pro'", "6: replaces takes a list of plan keys, not 'pro'"),
    ]);
}

#[test]
fn a_text_that_is_blank_or_too_long_or_no_text_is_refused_with_its_line() {
    let (long_name, long_description) = (format!("'{}'", "é".repeat(101)), format!("'{}'", "é".repeat(501)));
    let (name, description) = (
        "name takes 1 to 100 characters, not dots alone, and no control character, not",
        "description takes 0 to 500 characters and no control character, not",
    );
    let quoted = "é".repeat(59);
    let all = r#""For \"all\" of us.""#;
    assert_refused(&[
        ("\"Solo\"", "true", &format!("14: {name} true")),
        ("\"Solo\"", "' '", &format!("14: {name} ' '")),
        ("\"Solo\"", "'..'", &format!("14: {name} '..'")),
        ("\"Solo\"", "'\u{200b}'", &format!("14: {name} '\u{200b}'")),
        ("\"Solo\"", "'a\u{202e}b'", &format!("14: {name} 'a\u{202e}b'")),
        ("\"Solo\"", r#""a\tb""#, &format!(r#"14: {name} "a\tb""#)),
        ("\"Solo\"", &long_name, &format!("14: {name} '{quoted}…")),
        (all, "1979-05-27", &format!("4: {description} 1979-05-27")),
        (all, "'''a\nb'''", &format!("4: {description} '''a")),
        (all, "'a\u{2066}b'", &format!("4: {description} 'a\u{2066}b'")),
        (all, &long_description, &format!("4: {description} '{quoted}…")),
    ]);
}

#[test]
fn a_number_that_is_none_or_out_of_range_is_refused_with_its_line() {
    let limit = "takes 0 to 9007199254740991 or \"unlimited\", not";
    assert_refused(&[
        ("= 20", "= 3", "15: the position 3 is in line 5 already"),
        ("= 20", "= '20'", "5: position takes 0 to 4294967295, not '20'"),
        ("= 20", "= -1", "5: position takes 0 to 4294967295, not -1"),
        ("staff = 0", "staff = -1", &format!("9: staff {limit} -1")),
        ("staff = 0", "staff = 2.0", &format!("9: staff {limit} 2.0")),
        ("staff = 0", "staff = \"2\"", &format!("9: staff {limit} \"2\"")),
        ("4294967295", "9007199254740992", &format!("16: staff {limit} 9007199254740992")),
        ("\"unlimited\"", "'Unlimited'", &format!("10: bookings_per_day {limit} 'Unlimited'")),
        ("\"unlimited\"", "inf", &format!("10: bookings_per_day {limit} inf")),
        ("limits = {", "limits = 3 # {", "16: limits takes a table, not 3"),
    ]);
}

#[test]
fn a_catalogue_has_plans_and_not_too_many() {
    for (text, expected) in [
        ("", "1: there is no plan: write a [[plan]] table for each"),
        ("# Later.\n", "1: there is no plan: write a [[plan]] table for each"),
        ("\nplan = []", "2: there are 1 to 100 plans, not 0"),
        (&"[[plan]]\n".repeat(101), "1: there are 1 to 100 plans, not 101"),
        ("plan = 3", "1: plan takes tables, with [[plan]] above each, not 3"),
        ("\n[plan]\nkey = 'a'", "2: plan takes tables, with [[plan]] above each, not [plan]"),
        ("plan = [\n3]", "2: plan takes a table, not 3"),
    ] {
        assert_eq!(faults(text), [expected], "{text}");
    }
}

#[test]
fn all_faults_are_reported_in_the_order_of_lines() {
    let text = GOOD.replace("\"Team\"", "3").replace("staff = 0", "staff = 'none'").replace("\"Solo\"", "''");
    let reported: Vec<String> = faults(&(text + "price = 3\n")).iter().map(|fault| fault[..12].to_owned()).collect();
    assert_eq!(reported, ["2: key takes", "9: staff tak", "14: name tak", "17: there is"]);
}

#[test]
fn what_is_printed_is_read_to_the_same_catalogue() {
    let odd = GOOD.replace("\"Solo\"", r#""'\"\\ [[plan]] = # é美💇 '''""#);
    for catalog in [PlanCatalog::builtin(), catalog(GOOD), catalog(&odd)] {
        let text = to_toml(&catalog).unwrap();
        assert_eq!(parse(&text).ok(), Some(catalog), "{text}");
    }
}

#[test]
fn an_unreadable_file_is_reported() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("plans.toml");
    let report = |path: &Path| read(path).unwrap_err().join("\n");
    assert!(report(&path).contains("plans.toml: No such file"), "{}", report(&path));
    assert!(report(dir.path()).contains("Is a directory"), "{}", report(dir.path()));
    std::fs::write(&path, b"# Plans\n# \xff\n").unwrap();
    assert!(report(&path).ends_with("plans.toml, line 2: this is not UTF-8"), "{}", report(&path));
    let padded = |bytes: usize| format!("{GOOD}#{}", "-".repeat(bytes - GOOD.len() - 1));
    std::fs::write(&path, padded(1024 * 1024)).unwrap();
    assert_eq!(read(&path), Ok(catalog(GOOD)));
    std::fs::write(&path, padded(1024 * 1024 + 1)).unwrap();
    assert!(report(&path).ends_with("plans.toml: it has more than 1048576 bytes"), "{}", report(&path));
}

/// Metrics and features of one's own, with two plans in the order of the file.
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
    let many: String = (0..101).map(|number| format!("[[metric]]\nkey = 'm{number}'\nkind = 'gauge'\n")).collect();
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
            "20: the key projects is that of another feature or of a metric",
        ),
        ("\"number\"", "'float'", "23: type takes \"switch\", \"number\" or \"text\", not 'float'"),
        ("type = \"text\"", "kind = 'text'", "27: there is no \"kind\": a feature has key and type"),
        ("sso = true", "sso = 'yes'", "40: sso takes true or false, not 'yes'"),
        ("= 90", "= -1", "41: history_days takes 0 to 9007199254740991, not -1"),
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
