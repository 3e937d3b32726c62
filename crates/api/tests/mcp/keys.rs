//! Idempotency keys of the tools that write.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::sync::mpsc::channel;
use std::thread;

use serde_json::{Value, json};

use crate::driver::{Fixture, Tools};

#[test]
fn a_call_is_repeated_with_the_key_of_its_result() {
    let fixture = Fixture::start();
    let mut tools = fixture.tools(&["--write"]);
    let mut hold = Value::Null;
    for (tool, mut arguments) in [
        ("create_account", json!({"name": "My Salon", "external_id": "tenant-1", "plan": "basic"})),
        ("subscribe", json!({"account": "tenant-1", "plan": "pro"})),
        ("record_usage", json!({"account": "tenant-1", "meter": "sms", "quantity": 8, "idempotency_key": null})),
        ("add_grant", json!({"account": "tenant-1", "metric": "sms", "quantity": 5, "reason": "Add-on"})),
        ("take_hold", json!({"account": "tenant-1", "meter": "sms", "quantity": 2, "expires_in_seconds": 600})),
        ("confirm_hold", json!({"account": "tenant-1"})),
        ("take_hold", json!({"account": "tenant-1", "meter": "sms", "quantity": 3, "expires_in_seconds": 600})),
        ("release_hold", json!({"account": "tenant-1"})),
    ] {
        if ["confirm_hold", "release_hold"].contains(&tool) {
            arguments["hold"] = hold.take();
        }
        arguments["dry_run"] = json!(true);
        let planned = tools.call(tool, &arguments);
        assert!(planned.get("idempotency_key").is_none(), "{tool}: {planned}");
        arguments["dry_run"] = json!(false);
        let first = tools.call(tool, &arguments);
        assert!(first["idempotency_key"].as_str().is_some_and(|key| key.len() == 32), "{tool}: {first}");
        let rows = fixture.rows();
        arguments["idempotency_key"] = first["idempotency_key"].clone();
        assert_eq!(tools.call(tool, &arguments), first, "{tool}");
        assert_eq!(fixture.rows(), rows, "{tool}");
        hold = first["hold"]["id"].clone();
    }
    // The next call without a key is another request, whose refusal has its key, too.
    let usage = json!({"account": "tenant-1", "meter": "sms", "quantity": 90});
    let first = tools.call("record_usage", &usage);
    let refused = tools.refused("record_usage", &usage, "limit_exceeded");
    assert!(refused["idempotency_key"].is_string() && refused["idempotency_key"] != first["idempotency_key"]);
    tools.end();
    fixture.server.stop_and_verify();
}

#[test]
fn a_call_of_unknown_outcome_has_the_key_to_repeat_it_with() {
    let dir = tempfile::tempdir().expect("a directory");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let url = format!("http://{}", listener.local_addr().expect("it has an address"));
    let (sender, keys) = channel();
    // It reports the key of each request, and closes the connection.
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let lines = BufReader::new(&stream).lines().map_while(Result::ok);
            let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
            let key = head.iter().find_map(|line| line.strip_prefix("idempotency-key: "));
            if sender.send(key.map(str::to_owned)).is_err() {
                return;
            }
        }
    });
    let mut tools = Tools::spawn(dir.path(), &["--url", &url, "--write"], "hr_live_canary");
    tools.initialize();
    let new = json!({"name": "My Salon"});
    let failure = tools.refused("create_account", &new, "outcome_unknown");
    let key = failure["idempotency_key"].as_str().expect("it has a key").to_owned();
    assert!(failure["detail"].as_str().is_some_and(|it| it.contains("idempotency_key")), "{failure}");
    let repeated = json!({"name": "My Salon", "idempotency_key": key});
    assert_eq!(tools.refused("create_account", &repeated, "outcome_unknown")["idempotency_key"], key);
    assert_eq!(keys.try_iter().collect::<BTreeSet<_>>(), BTreeSet::from([Some(key)]));
    // An override is put without a key. What only reads has no outcome, as a dry run and a look-up of an account.
    let trial = json!({"account": "acct_01h455vb4pex5vsknk084sn02q", "key": "staff", "limit": 4, "reason": "A trial"});
    let failure = tools.refused("put_override", &trial, "outcome_unknown");
    assert!(failure.get("idempotency_key").is_none(), "{failure}");
    tools.refused("list_plans", &json!({}), "no_answer");
    assert_eq!(keys.try_iter().collect::<BTreeSet<_>>(), BTreeSet::from([None]));
    for (tool, arguments) in [
        ("create_account", json!({"name": "My Salon", "dry_run": true})),
        ("record_usage", json!({"account": "tenant-1", "meter": "sms"})),
    ] {
        let failure = tools.refused(tool, &arguments, "no_answer");
        assert!(!failure["detail"].to_string().contains("may have been done"), "{failure}");
    }
    tools.end();
}
