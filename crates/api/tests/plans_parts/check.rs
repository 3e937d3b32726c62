//! `headroom plans check`: what a file would change, and its exit code.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::process::{Finished, Server, database, headroom, run};
use crate::{FAILED, new_dir, plan};

/// Runs `headroom plans check` on a file with this text, beside a server or not.
#[track_caller]
fn check(dir: &Path, text: &str, flags: &[&str]) -> Finished {
    let file = dir.join("next.toml");
    fs::write(&file, text).expect("a file can be written");
    let mut command = headroom(dir);
    command.args(["plans", "check"]).arg(file).args(flags);
    run(command)
}

#[test]
fn a_check_lists_differences_and_accounts_over_their_limits() {
    let dir = new_dir();
    let server = Server::start(dir.path());
    let client = server.client();
    let [empty, over, _pro] = ["basic", "basic", "pro"].map(|plan| client.open_account(plan));
    for _ in 0..2 {
        assert_eq!(client.post(&format!("{over}/staff"), &json!({"name": "Ann"})).status, 201);
    }
    for _ in 0..3 {
        assert_eq!(client.post(&format!("{over}/bookings"), &json!({})).status, 201);
    }
    assert_eq!(client.post(&format!("{empty}/staff"), &json!({"name": "Ann"})).status, 201);
    let metric = "[[metric]]\nkey = \"sms\"\nkind = \"counter\"\nwindow = \"month\"\n[[feature]]\nkey = \"sso\"\n";
    let starter = plan("starter", 1, "1", "\"unlimited\"", "replaces = [\"basic\"]\nfeatures = { sso = true }");
    let pro = plan("pro", 2, "5", "20", "");
    let next = format!("{metric}{starter}sms = 7\n{pro}sms = 9\n");

    let id = over.trim_start_matches("/accounts/");
    let checked = check(dir.path(), &next, &["--max-over", "1"]);
    let expected = format!(
        "metric sms: added\nfeature sso: added\nplan starter: added\nplan basic: removed, replaced by starter\n\
         plan basic: limit of staff 2 -> 1\nplan basic: limit of bookings_per_day 5 -> unlimited\n\
         plan basic: limit of sms nothing -> 7\nplan basic: feature sso nothing -> true\n\
         plan pro: limit of sms nothing -> 9\nplan pro: feature sso nothing -> false\n\
         {id} on starter: 2 staff of 1, over by 1\n1 of 3 accounts would be over a limit\n"
    );
    assert_eq!((checked.code, checked.stdout.as_str(), checked.stderr.as_str()), (Some(0), expected.as_str(), ""));
    let checked = check(dir.path(), &next, &["--json", "--max-over", "0"]);
    let report: Value = serde_json::from_str(&checked.stdout).expect("it is one JSON object");
    assert_eq!((checked.code, &report["faults"]), (FAILED, &json!([])), "{checked:?}");
    assert_eq!(
        report["accounts"],
        json!({
            "compared": 3, "over_total": 1,
            "over": [{"account_id": id, "plan": "starter",
                "limits": [{"metric": "staff", "used": 2, "limit_now": 2, "limit": 1, "over": 1}]}],
            "vanished_plans": [], "uncounted_metrics": [],
        })
    );
    assert_eq!(report["differences"]["plans"]["removed"], json!([{"plan": "basic", "replaced_by": "starter"}]));
    server.stop_and_verify();
}

#[test]
fn a_check_fails_if_a_plan_of_accounts_would_vanish() {
    let dir = new_dir();
    let server = Server::start(dir.path());
    let client = server.client();
    client.open_account("basic");
    server.stop_and_verify();
    let checked = check(dir.path(), &plan("pro", 1, "5", "19", ""), &[]);
    let expected = "plan basic: removed\nplan pro: limit of bookings_per_day 20 -> 19\n\
                    plan basic: gone, and 1 account is on it\n0 of 1 accounts would be over a limit\n";
    assert_eq!((checked.code, checked.stdout.as_str()), (FAILED, expected), "{checked:?}");
}

#[test]
fn a_check_needs_no_database_and_reports_all_faults() {
    let dir = new_dir();
    let mut built_in = headroom(dir.path());
    built_in.arg("plans");
    let built_in = run(built_in).stdout;
    let same = check(dir.path(), &built_in, &[]);
    let expected = "the plans are the same as those in force\nthere is no database, so no account was compared\n";
    assert_eq!((same.code, same.stdout.as_str(), same.stderr.as_str()), (Some(0), expected, ""), "{same:?}");
    let faulty = plan("basic", 1, "-1", "5", "price = 3");
    let checked = check(dir.path(), &faulty, &[]);
    assert_eq!((checked.code, checked.stdout.as_str()), (FAILED, ""), "{checked:?}");
    for word in ["next.toml, line 5: there is no \"price\"", "next.toml, line 7: staff takes"] {
        assert!(checked.stderr.contains(word), "{word} is missing: {}", checked.stderr);
    }
    let report: Value = serde_json::from_str(&check(dir.path(), &faulty, &["--json"]).stdout).expect("it is JSON");
    assert_eq!((report["faults"].as_array().map(Vec::len), &report["accounts"]), (Some(2), &Value::Null));
    assert!(!database(dir.path()).exists(), "a database was created");
}
