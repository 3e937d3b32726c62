//! Answers about limits on the built-in plans equal the golden files, byte for byte.

mod changes;
mod recording;
mod usage;

use std::collections::BTreeMap;

use testkit::fixtures::NOW;

use crate::golden_files::{assert_recorded, faults};
use crate::house::start_at;

#[actix_web::test]
async fn answers_about_limits_equal_the_golden_files() {
    let service = start_at(NOW).await;
    let texts = BTreeMap::from([
        ("first_requests", usage::first_requests(&service).await),
        ("plans", usage::plans(&service).await),
        ("entitlements", usage::entitlements(&service).await),
        ("checks", usage::checks(&service).await),
        ("invalid_checks", usage::invalid_checks(&service).await),
        ("refusals", usage::refusals(&service).await),
        ("plan_changes", changes::plan_changes(&service).await),
        ("plan_changes_over_limit", changes::plan_changes_over_limit(&service).await),
        ("overrides", changes::overrides(&service).await),
        ("invalid_overrides", changes::invalid_overrides(&service).await),
        ("limits_with_overrides", changes::limits_with_overrides(&service).await),
    ]);
    assert_recorded("txt", &texts);
}

#[test]
fn different_missing_and_unused_golden_files_are_reported() {
    let recorded = [
        ("equal", "## A\n{}\n"),
        ("different", "## A\n{\"used\":2,\"limit\":5}\n\n## B\n\n204\n## C\n{}\n"),
        ("unused", ""),
    ];
    let actual = [
        ("equal", "## A\n{}\n"),
        ("different", "## A\n{\"limit\":5,\"more\":1}\n\n## B\n\n204\n## C\n{}\n"),
        ("missing", ""),
    ];
    let recorded = recorded.map(|(name, text)| (name.to_owned(), text.to_owned()));
    let actual = actual.map(|(name, text)| (name, text.to_owned()));
    let expected = "\
        different.txt:\n  ## A\n  {\n- \"used\":2,\n- \"limit\":5}\n+ \"limit\":5,\n+ \"more\":1}\n  \n  \n  ## B\n\
        missing.txt does not exist.\nunused.txt is not used.\n";
    assert_eq!(faults("txt", recorded.into(), &actual.into()), expected);
}
