//! `headroom mcp`, driven over its standard input and output beside a server.

use std::fs;

use serde_json::{Value, json};

mod calls;
mod driver;
mod keys;
#[expect(dead_code, reason = "other tests use the rest")]
#[path = "../support"]
mod support {
    pub(crate) mod process;
}
use driver::{Fixture, Tools};
use support::process::{headroom, run};

const READS: [&str; 9] = [
    "check",
    "find_account",
    "get_entitlements",
    "get_usage_history",
    "list_accounts",
    "list_audit_log",
    "list_holds",
    "list_plans",
    "preview_plan_change",
];
const WRITES: [&str; 8] = [
    "add_grant",
    "confirm_hold",
    "create_account",
    "put_override",
    "record_usage",
    "release_hold",
    "subscribe",
    "take_hold",
];

fn names(tools: &[Value]) -> Vec<&str> {
    tools.iter().map(|tool| tool["name"].as_str().expect("a tool has a name")).collect()
}

#[test]
fn without_write_no_tool_writes() {
    let fixture = Fixture::start();
    let mut tools = fixture.tools(&[]);
    let listed = tools.list();
    assert_eq!(names(&listed), READS);
    for tool in &listed {
        assert_eq!(tool["annotations"]["readOnlyHint"], true, "{tool}");
        assert_eq!(tool["annotations"]["destructiveHint"], false, "{tool}");
    }
    let before = fixture.rows();
    for name in WRITES {
        let answer = tools.request("tools/call", &json!({"name": name, "arguments": {"name": "My Salon"}}));
        assert!(answer["error"]["code"].is_i64() && answer["result"].is_null(), "{answer}");
        assert!(answer["error"]["message"].to_string().contains("--write"), "{answer}");
    }
    assert_eq!(fixture.rows(), before);
    tools.end();
    fixture.server.stop_and_verify();
}

#[test]
fn every_tool_describes_itself_and_its_arguments() {
    let fixture = Fixture::start();
    let mut tools = fixture.tools(&["--write"]);
    let listed = tools.list();
    let mut expected = [&READS[..], &WRITES].concat();
    expected.sort_unstable();
    assert_eq!(names(&listed), expected);
    for tool in &listed {
        let name = tool["name"].as_str().unwrap_or_default();
        assert!(tool["description"].as_str().is_some_and(|it| it.len() > 30 && it.ends_with('.')), "{tool}");
        let schema = &tool["inputSchema"];
        assert_eq!((&schema["type"], &schema["additionalProperties"]), (&json!("object"), &json!(false)), "{tool}");
        let properties = schema["properties"].as_object().unwrap_or_else(|| panic!("{tool}"));
        for (property, described) in properties {
            let description = described["description"].as_str().unwrap_or_default();
            assert!(
                !description.is_empty() && !description.contains('\n'),
                "{name}: {property} has no description: {described}"
            );
        }
        // Nothing that clients with a part of JSON Schema do not know.
        let text = schema.to_string();
        assert!(!text.contains(r#""null""#) && !text.contains(r#""format""#), "{name}: {text}");
        let writes = WRITES.contains(&name);
        assert_eq!(properties.contains_key("dry_run"), writes, "{name}");
        assert_eq!(tool["annotations"]["readOnlyHint"], !writes, "{name}");
    }
    tools.end();
}

#[test]
fn no_secret_is_in_any_output() {
    let fixture = Fixture::start();
    let mut tools = fixture.tools(&["--write"]);
    tools.call("list_accounts", &json!({}));
    tools.call("create_account", &json!({"name": "My Salon"}));
    let output = tools.end();
    assert!(output.contains("My Salon") && !output.contains(&fixture.secret), "{output}");
    // A key that is not accepted, and a server that does not answer.
    let url = format!("http://{}", fixture.server.address());
    let mut refused = Tools::spawn(fixture.dir.path(), &["--url", &url], "hr_live_canary");
    refused.initialize();
    refused.refused("list_accounts", &json!({}), "invalid_token");
    // Nothing listens there.
    let mut nowhere = Tools::spawn(fixture.dir.path(), &["--url", "http://127.0.0.1:9"], "hr_live_canary");
    nowhere.initialize();
    nowhere.refused("list_plans", &json!({}), "no_answer");
    for tools in [refused, nowhere] {
        let output = tools.end();
        assert!(!output.contains("canary"), "{output}");
    }
}

#[test]
fn a_faulty_command_line_is_refused() {
    let dir = tempfile::tempdir().expect("a directory");
    let key_file = dir.path().join("key");
    fs::write(&key_file, "hr_live_canary\n").expect("the key can be written");
    let key_file = key_file.to_str().expect("the path is UTF-8");
    for (flags, words) in [
        (&[][..], "HEADROOM_API_KEY"),
        (&["--api-key-file", key_file, "--token", "canary"], "set one of"),
        (&["--api-key-file", "/nowhere"], "names /nowhere, which cannot be read"),
        (&["--api-key-file", key_file, "--url", "localhost:8000"], "is not"),
    ] {
        let mut command = headroom(dir.path());
        command.arg("mcp").args(flags);
        let finished = run(command);
        assert_eq!((finished.code, finished.stdout.as_str()), (Some(2), ""), "{finished:?}");
        assert!(finished.stderr.contains(words) && !finished.stderr.contains("canary"), "{words}: {finished:?}");
    }
    // With an input that ends at once there is no client.
    let mut command = headroom(dir.path());
    command.args(["mcp", "--api-key-file", key_file]);
    let finished = run(command);
    assert!(finished.code == Some(1) && finished.stdout.is_empty(), "{finished:?}");
}
