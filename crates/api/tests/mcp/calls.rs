//! Calls of the tools, and their results.

use serde_json::json;

use crate::driver::Fixture;

#[test]
fn an_assistant_reads_accounts_limits_and_plans() {
    let fixture = Fixture::start();
    let operator = &fixture.operator;
    let new = json!({"name": "My Salon", "external_id": "tenant-1", "plan": "basic"});
    let path = operator.post("/accounts", &new).created();
    let id = path.rsplit('/').next().expect("a path has an id");
    operator.post(&format!("{path}/usage"), &json!({"meter": "sms", "quantity": 4})).created();
    let mut tools = fixture.tools(&[]);
    // Either id names the account.
    for account in [id, "tenant-1"] {
        let found = tools.call("find_account", &json!({"account": account}));
        assert_eq!((&found["id"], &found["subscription"]["plan"]), (&json!(id), &json!("basic")));
    }
    for arguments in [json!({"limit": 1}), json!({"search": "my sal"}), json!({"search": "tenant-1"})] {
        assert_eq!(tools.call("list_accounts", &arguments)["data"][0]["id"], id, "{arguments}");
    }
    assert_eq!(tools.call("list_accounts", &json!({"search": "other"}))["data"], json!([]));
    let entitlements = tools.call("get_entitlements", &json!({"account": id}));
    let sms = entitlements["entitlements"].as_array().into_iter().flatten().find(|it| it["metric"] == "sms");
    assert_eq!(sms.map(|it| (&it["used"], &it["remaining"])), Some((&json!(4), &json!(6))), "{entitlements}");
    let check = tools.call("check", &json!({"account": id, "meter": "sms", "quantity": 7}));
    assert_eq!((&check["allowed"], &check["plans_that_allow"]), (&json!(false), &json!(["pro"])), "{check}");
    assert_eq!(tools.call("check", &json!({"account": id, "feature": "sso"}))["plans_that_allow"], json!(["pro"]));
    let plans = tools.call("list_plans", &json!({}));
    assert_eq!((&plans["data"][1]["key"], &plans["data"][1]["limits"]["sms"]), (&json!("pro"), &json!(100)));
    let history = tools.call("get_usage_history", &json!({"account": id, "metric": "sms"}));
    assert_eq!((&history["data"][0]["used"], &history["data"][0]["limit"]), (&json!(4), &json!(10)), "{history}");
    let preview = tools.call("preview_plan_change", &json!({"account": id, "plan": "pro", "timing": "period_end"}));
    assert_eq!((&preview["direction"], &preview["features"][0]["to"]), (&json!("upgrade"), &json!(true)));
    let audit = tools.call("list_audit_log", &json!({"account": id}));
    assert_eq!(audit["data"][1]["action"], "account.opened", "{audit}");
    assert_eq!(tools.call("list_holds", &json!({"account": id}))["data"], json!([]));
    // Mistakes are results that an assistant can correct.
    tools.refused("find_account", &json!({"account": "tenant-2"}), "not_found");
    let by_name = tools.refused("find_account", &json!({"account": "My Salon"}), "not_found");
    assert!(by_name["detail"].as_str().is_some_and(|it| it.contains("list_accounts")), "{by_name}");
    tools.refused("find_account", &json!({"account": "acct_01h455vb4pex5vsknk084sn02q"}), "not_found");
    tools.refused("find_account", &json!({}), "invalid_arguments");
    for (name, value) in [("quantity", json!("3")), ("quantity", json!(0)), ("quantity", json!(1.5)), ("at", json!(3))]
    {
        let refused =
            tools.refused("check", &json!({"account": id, "metric": "sms", name: value}), "invalid_arguments");
        assert!(refused["detail"].as_str().is_some_and(|it| it.contains(name)), "{refused}");
    }
    let other = json!({"account": id, "plan": "pro", "timing": "tomorrow"});
    tools.refused("preview_plan_change", &other, "invalid_arguments");
    tools.refused("check", &json!({"account": id}), "invalid_arguments");
    tools.refused("check", &json!({"account": id, "metric": "seats"}), "validation_failed");
    tools.refused("get_usage_history", &json!({"account": id, "from": "yesterday"}), "invalid_arguments");
    tools.refused("preview_plan_change", &json!({"account": id, "plan": "gold"}), "unknown_plan");
    tools.end();
    fixture.server.stop_and_verify();
}

#[test]
fn a_dry_run_of_every_tool_writes_nothing() {
    let fixture = Fixture::start();
    let operator = &fixture.operator;
    let path = operator.post("/accounts", &json!({"name": "My Salon", "plan": "basic"})).created();
    let id = path.rsplit('/').next().expect("a path has an id").to_owned();
    let hold = json!({"meter": "sms", "quantity": 2, "expires_in_seconds": 600});
    let hold = operator.post(&format!("{path}/holds"), &hold).text("id").to_owned();
    let mut tools = fixture.tools(&["--write"]);
    let before = (fixture.rows(), operator.get(&path).body, operator.get(&format!("{path}/holds/{hold}")).body);
    for (tool, mut arguments) in [
        ("create_account", json!({"name": "Other", "external_id": "tenant-2", "plan": "pro"})),
        ("subscribe", json!({"account": id, "plan": "pro"})),
        ("record_usage", json!({"account": id, "meter": "sms", "quantity": 3})),
        ("put_override", json!({"account": id, "key": "staff", "limit": "unlimited", "reason": "A trial"})),
        ("put_override", json!({"account": id, "key": "sso", "value": true, "reason": "A trial"})),
        ("add_grant", json!({"account": id, "metric": "sms", "quantity": 5, "reason": "Add-on"})),
        ("take_hold", json!({"account": id, "meter": "staff", "expires_in_seconds": 600})),
        ("confirm_hold", json!({"account": id, "hold": hold})),
        ("release_hold", json!({"account": id, "hold": hold})),
    ] {
        arguments["dry_run"] = json!(true);
        let result = tools.call(tool, &arguments);
        assert_eq!(result["dry_run"], true, "{tool}: {result}");
        // A typing error in the name of the argument must not write either.
        arguments["dryrun"] = arguments["dry_run"].take();
        if let Some(arguments) = arguments.as_object_mut() {
            arguments.remove("dry_run");
        }
        tools.refused(tool, &arguments, "invalid_arguments");
    }
    for (tool, arguments, code) in [
        ("create_account", json!({"name": "Other", "plan": "gold", "dry_run": true}), "unknown_plan"),
        ("record_usage", json!({"account": id, "meter": "sms", "quantity": 9, "dry_run": true}), "limit_exceeded"),
        (
            "add_grant",
            json!({"account": id, "metric": "seats", "quantity": 1, "reason": "x", "dry_run": true}),
            "validation_failed",
        ),
        (
            "put_override",
            json!({"account": id, "key": "seats", "limit": 1, "reason": "x", "dry_run": true}),
            "not_found",
        ),
        (
            "release_hold",
            json!({"account": id, "hold": "hold_01h455vb4pex5vsknk084sn02q", "dry_run": true}),
            "not_found",
        ),
    ] {
        tools.refused(tool, &arguments, code);
    }
    let after = (fixture.rows(), operator.get(&path).body, operator.get(&format!("{path}/holds/{hold}")).body);
    assert_eq!(after, before);
    tools.end();
    fixture.server.stop_and_verify();
}

#[test]
fn with_write_an_assistant_changes_accounts_and_usage() {
    let fixture = Fixture::start();
    let mut tools = fixture.tools(&["--write"]);
    let account =
        tools.call("create_account", &json!({"name": "My Salon", "external_id": "tenant-1", "plan": "basic"}));
    let id = account["account"]["id"].as_str().expect("an account has an id").to_owned();
    let taken = json!({"name": "Twin", "external_id": "tenant-1", "dry_run": true});
    assert_eq!(tools.refused("create_account", &taken, "conflict")["id"], id);
    // The same key has one effect.
    let usage = json!({"account": "tenant-1", "meter": "sms", "quantity": 8, "idempotency_key": "call-1"});
    let first = tools.call("record_usage", &usage);
    assert_eq!(tools.call("record_usage", &usage), first);
    let more = json!({"account": id, "meter": "sms", "quantity": 3});
    let refusal = tools.refused("record_usage", &more, "limit_exceeded");
    assert_eq!((&refusal["metric"], &refusal["limit"], &refusal["used"]), (&json!("sms"), &json!(10), &json!(8)));
    assert!(refusal["plans_that_allow"] == json!(["pro"]) && refusal["next_allowed_at"].is_string(), "{refusal}");
    let grant = json!({"account": id, "metric": "sms", "quantity": 5, "reason": "Add-on"});
    assert_eq!(tools.call("add_grant", &grant)["grant"]["quantity"], 5);
    tools.call("record_usage", &more);
    let trial = json!({"account": id, "key": "staff", "limit": 4, "reason": "A trial"});
    assert_eq!(tools.call("put_override", &trial)["override"]["limit"], 4);
    let subscribed = tools.call("subscribe", &json!({"account": id, "plan": "Pro", "reason": "They asked"}));
    assert_eq!(subscribed["subscription"]["plan"], "pro");
    let hold = json!({"account": id, "meter": "projects", "expires_in_seconds": 600, "reference": "invite:42"});
    let hold = tools.call("take_hold", &hold)["hold"]["id"].clone();
    let confirmed = tools.call("confirm_hold", &json!({"account": id, "hold": hold, "key": "site"}));
    assert_eq!(
        (&confirmed["hold"]["state"], &confirmed["hold"]["allocation_key"]),
        (&json!("confirmed"), &json!("site"))
    );
    tools.refused("release_hold", &json!({"account": id, "hold": hold}), "conflict");
    tools.refused("release_hold", &json!({"account": id, "hold": hold, "dry_run": true}), "conflict");
    let entitlements = fixture.operator.get(&format!("/accounts/{id}/entitlements")).body;
    let used = |metric: &str| {
        let found = entitlements["entitlements"].as_array().into_iter().flatten().find(|it| it["metric"] == metric);
        found.map(|it| (it["used"].clone(), it["limit"].clone()))
    };
    assert_eq!(used("sms"), Some((json!(11), json!(105))));
    assert_eq!((used("staff"), used("projects")), (Some((json!(0), json!(4))), Some((json!(1), json!(5)))));
    tools.end();
    fixture.server.stop_and_verify();
}
