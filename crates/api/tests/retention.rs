//! Retention: a server removes old bookings and usage records, and their counters stay.

use serde_json::json;

#[expect(dead_code, reason = "other tests use the rest")]
mod support {
    pub(crate) mod process;
}
use support::process::{Server, await_some, headroom, number, run};

/// A catalogue with a metric of usage records.
const CATALOGUE: &str = r#"
[[metric]]
key = "sms_per_year"
kind = "counter"
meter = "sms"
window = "year"

[[plan]]
key = "pro"
name = "Pro"

[plan.limits]
staff = 5
bookings_per_day = 20
sms_per_year = 100
"#;

#[test]
fn a_server_removes_what_is_older_than_configured() {
    let dir = tempfile::tempdir().expect("a directory");
    let dir = dir.path();
    std::fs::write(dir.join("plans.toml"), CATALOGUE).expect("a file can be written");
    let start = |flags: &[&str]| {
        let mut command = headroom(dir);
        command.args(["--plans", "plans.toml"]).args(flags);
        Server::spawn(command).listening()
    };
    let server = start(&[]);
    let account = server.client().open_account("pro");
    for day in ["2020-05-05", "2020-05-05", "2199-05-05"] {
        let (at, client) = (format!("{day}T10:00:00Z"), server.client());
        client.post(&format!("{account}/bookings"), &json!({"starts_at": at})).created();
        client.post(&format!("{account}/usage"), &json!({"meter": "sms", "quantity": 3, "at": at})).created();
    }
    server.stop_and_verify();
    let rows = |table: &str| number(dir, &format!("SELECT count(*) FROM {table}"));
    assert_eq!([rows("bookings"), rows("usage_records"), rows("charges")], [3, 3, 3]);

    let server = start(&["--retention-bookings=30"]);
    await_some("old bookings are removed", || (rows("bookings") == 1).then_some(()));
    assert_eq!([rows("usage_records"), rows("charges")], [3, 3]);
    server.stop_and_verify();

    let server = start(&["--retention-usage=30"]);
    await_some("old usage records are removed", || (rows("usage_records") == 1).then_some(()));
    assert_eq!([rows("bookings"), rows("charges")], [1, 1]);
    let client = server.client();
    let history = client.get(&format!("{account}/usage/history?metric=sms_per_year&from=2020-01-01&to=2020-12-31"));
    assert_eq!(history.status, 200, "{history:?}");
    assert!(history.body.to_string().contains("\"used\":6"), "{history:?}");
    let day = client.get(&format!("{account}/entitlements?on=2020-05-05"));
    assert!(day.body.to_string().contains("\"used\":2"), "{day:?}");
    server.stop_and_verify();
    let mut verify = headroom(dir);
    verify.arg("verify");
    let verified = run(verify);
    assert!(verified.stdout.contains("2 of the usage counters were compared with nothing"), "{verified:?}");
}
