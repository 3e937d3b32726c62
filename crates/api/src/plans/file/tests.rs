//! Tests of the file: each fault with its line.

use domain::{Limit, Metric, Plan, PlanCatalog};

use super::*;
use crate::plans::to_toml;

pub(super) fn faults(text: &str) -> Vec<String> {
    let faults = parse(text).err().unwrap_or_default();
    faults.into_iter().map(|fault| format!("{}: {}", line(text.as_bytes(), fault.at), fault.reason)).collect()
}

/// Two valid plans. The larger one is first in the file.
pub(super) const GOOD: &str = r#"[[plan]]
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

pub(super) fn catalog(text: &str) -> PlanCatalog {
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
