//! Plans are data: another catalogue is another file, and a plan with accounts cannot be removed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

#[expect(dead_code, reason = "other tests use the rest")]
mod support {
    pub(crate) mod golden;
    pub(crate) mod process;
}
use support::golden::assert_recorded;
use support::process::{Client, Finished, Server, await_some, database, headroom, run};

/// The exit codes of a failed start and of an invalid configuration.
const FAILED: Option<i32> = Some(1);
const MISCONFIGURED: Option<i32> = Some(2);

fn new_dir() -> tempfile::TempDir {
    tempfile::tempdir().expect("a directory")
}

/// A plan in the catalogue file: key, position, limits of staff and of bookings per day, other
/// lines.
fn plan(key: &str, position: u32, staff: &str, bookings_per_day: &str, more: &str) -> String {
    format!(
        "[[plan]]\nkey = {key:?}\nname = {key:?}\nposition = {position}\n{more}\n\
         [plan.limits]\nstaff = {staff}\nbookings_per_day = {bookings_per_day}\n"
    )
}

/// Writes a catalogue of these plans.
fn write(dir: &Path, plans: &[String]) -> PathBuf {
    let path = dir.join("plans.toml");
    fs::write(&path, plans.concat()).expect("a file can be written");
    path
}

/// Starts a server with a catalogue of these plans.
#[track_caller]
fn start(dir: &Path, plans: &[String]) -> Server {
    let mut command = headroom(dir);
    command.env("HEADROOM_PLANS", write(dir, plans));
    Server::spawn(command).listening()
}

/// Runs the program with a catalogue of these plans until it exits.
#[track_caller]
fn run_with(dir: &Path, plans: &[String], arguments: &[&str]) -> Finished {
    let mut command = headroom(dir);
    command.arg("--plans").arg(write(dir, plans)).args(arguments);
    run(command)
}

/// Books one day until a refusal or `max` bookings; how many were created, and the refusal.
#[track_caller]
fn book(client: &Client, account: &str, max: u32) -> (u32, Option<Value>) {
    for made in 0..max {
        let answer = client.post(&format!("{account}/bookings"), &json!({"starts_at": "2030-05-06T12:00:00Z"}));
        if answer.status != 201 {
            assert_eq!((answer.status, answer.text("code")), (403, "booking_limit_exceeded"), "{answer:?}");
            return (made, Some(answer.body));
        }
    }
    (max, None)
}

#[test]
fn a_custom_catalogue_is_listed_by_position_and_enforced_exactly() {
    let dir = new_dir();
    let unlimited = "\"unlimited\"";
    let plans = [
        plan("endless", 30, unlimited, unlimited, "description = \"For everybody.\""),
        plan("none", 10, "0", "0", ""),
        plan("basic", 20, "1", "3", ""),
    ];
    let server = start(dir.path(), &plans);
    let client = server.client();
    let listed = client.get("/plans").body;
    let listed = listed["data"].as_array().expect("a list of plans");
    let shown: Vec<Value> =
        listed.iter().map(|plan| json!([plan["key"], plan["description"], plan["limits"]])).collect();
    let limits = |staff: Value, bookings: Value| json!({"staff": staff, "bookings_per_day": bookings});
    let expected = [
        json!(["none", "", limits(0.into(), 0.into())]),
        json!(["basic", "", limits(1.into(), 3.into())]),
        json!(["endless", "For everybody.", limits(Value::Null, Value::Null)]),
    ];
    assert_eq!(shown, expected);

    for (key, permits, allow) in [("none", 0, json!(["basic", "endless"])), ("basic", 3, json!(["endless"]))] {
        let (made, refusal) = book(&client, &client.open_account(key), 25);
        let refusal = refusal.expect("the plan has a limit");
        assert_eq!(made, permits, "{key}");
        assert_eq!(json!([refusal["plan"], refusal["limit"]]), json!([key, permits]));
        assert_eq!(refusal["plans_that_allow"], allow, "{key}");
    }
    // More than any built-in plan permits.
    assert_eq!(book(&client, &client.open_account("endless"), 25), (25, None));
    let staff = |plan| client.post(&format!("{}/staff", client.open_account(plan)), &json!({"name": "Ann"})).status;
    assert_eq!((staff("none"), staff("basic"), staff("endless")), (403, 201, 201));
    let account = client.open_account("none");
    assert_eq!(client.post(&format!("{account}/subscribe"), &json!({"plan": "pro"})).text("code"), "unknown_plan");
    server.stop_and_verify();
}

#[test]
fn a_changed_limit_applies_from_the_next_start() {
    let dir = new_dir();
    let catalog = |bookings| [plan("basic", 1, "1", bookings, "")];
    let server = start(dir.path(), &catalog("3"));
    let client = server.client();
    let account = client.open_account("BASIC");
    assert_eq!(book(&client, &account, 10).0, 3);
    server.stop_and_verify();
    for (bookings, more) in [("5", 2), ("4", 0)] {
        let server = start(dir.path(), &catalog(bookings));
        assert_eq!(book(&client.at(&server), &account, 10).0, more, "{bookings} a day");
        server.stop_and_verify();
    }
}

#[test]
fn a_replacement_plan_takes_over_the_accounts() {
    let dir = new_dir();
    let server = Server::start(dir.path());
    let client = server.client();
    let account = client.open_account("basic");
    assert_eq!(book(&client, &account, 10).0, 5);
    server.stop_and_verify();

    let server = start(dir.path(), &[plan("starter", 1, "2", "6", "replaces = [\"Basic\"]")]);
    let client = client.at(&server);
    assert_eq!(client.get(&format!("{account}/subscription")).text("plan"), "starter");
    assert_eq!(client.get(&account).body["subscription"]["plan"], "starter");
    assert_eq!(client.get("/accounts").body["data"][0]["subscription"]["plan"], "starter");
    let (made, refusal) = book(&client, &account, 10);
    let refusal = refusal.expect("the plan has a limit");
    assert_eq!((made, json!([refusal["plan"], refusal["limit"], refusal["used"]])), (1, json!(["starter", 6, 6])));
    let again = client.post(&format!("{account}/subscribe"), &json!({"plan": "basic"}));
    assert_eq!((again.status, again.text("code")), (422, "unknown_plan"), "{again:?}");
    let chosen = client.post(&format!("{account}/subscribe"), &json!({"plan": "starter"}));
    assert_eq!((chosen.status, chosen.text("plan")), (200, "starter"), "{chosen:?}");
    server.stop_and_verify();
}

#[test]
fn a_plan_with_accounts_cannot_be_removed() {
    let dir = new_dir();
    let server = Server::start(dir.path());
    let client = server.client();
    let id = |path: String| path.trim_start_matches("/accounts/").to_owned();
    let basic = [(); 6].map(|()| id(client.open_account("basic")));
    let pro = id(client.open_account("pro"));
    server.stop_and_verify();

    let solo = |more| [plan("solo", 1, "1", "1", more)];
    let refused = run_with(dir.path(), &solo(""), &[]);
    assert_eq!(refused.code, FAILED, "{refused:?}");
    let words = [
        &format!("  - basic, of 6 accounts: {} …\n", basic[..5].join(" ")),
        &format!("  - pro, of 1 account: {pro}\n"),
        "HEADROOM_PLANS",
        "replaces = [\"basic\"]",
        "replaces = [\"pro\"]",
    ];
    for word in words {
        assert!(refused.stderr.contains(word), "{word:?} is missing: {}", refused.stderr);
    }
    let refused = run_with(dir.path(), &solo("replaces = [\"basic\"]"), &[]);
    assert_eq!(refused.code, FAILED, "{refused:?}");
    assert!(refused.stderr.contains(&pro) && !refused.stderr.contains("- basic"), "{}", refused.stderr);

    // The built-in catalogue loses no plan either, and a plan without accounts may be removed.
    let server = start(dir.path(), &solo("replaces = [\"basic\", \"pro\"]"));
    let account = client.at(&server).open_account("solo");
    server.stop_and_verify();
    let refused = run(headroom(dir.path()));
    assert_eq!(refused.code, FAILED, "{refused:?}");
    assert!(refused.stderr.contains(&format!("  - solo, of 1 account: {}\n", id(account))), "{}", refused.stderr);
    start(dir.path(), &[plan("any", 1, "1", "1", "replaces = [\"solo\", \"basic\", \"pro\", \"gold\"]")])
        .stop_and_verify();
}

#[test]
fn faults_of_catalogue_and_configuration_are_reported_together() {
    let dir = new_dir();
    let plans = [plan("basic", 1, "-1", "5", ""), plan("basic", 2, "1", "\"lots\"", "price = 3")];
    for command in ["serve", "plans"] {
        let finished = run_with(dir.path(), &plans, &["--workers=0", command]);
        assert_eq!((finished.code, finished.stdout.as_str()), (MISCONFIGURED, ""), "{finished:?}");
        let file = format!("HEADROOM_PLANS (--plans): {}/plans.toml", dir.path().display());
        for word in ["HEADROOM_WORKERS (--workers)", ", line 7:", ", line 10:", ", line 13:", ", line 16:"] {
            assert!(finished.stderr.contains(word), "{word} is missing: {}", finished.stderr);
        }
        assert_eq!(finished.stderr.matches(&file).count(), 4, "{}", finished.stderr);
    }
    let mut command = headroom(dir.path());
    command.env("HEADROOM_PLANS", "nowhere.toml");
    let finished = run(command);
    assert_eq!(finished.code, MISCONFIGURED, "{finished:?}");
    assert!(finished.stderr.contains("cannot read nowhere.toml: No such file"), "{}", finished.stderr);
    assert!(!database(dir.path()).exists(), "a database was created before the refusal");
}

#[test]
fn commands_without_plans_ignore_a_faulty_catalogue() {
    let dir = new_dir();
    let server = Server::start(dir.path());
    let faulty = [plan("basic", 1, "-1", "5", "")];
    let listen = format!("--listen={}", server.address());
    for command in ["health", "verify"] {
        assert_eq!(run_with(dir.path(), &faulty, &[command, &listen]).code, Some(0), "{command}");
    }
    server.stop_and_verify();
}

#[test]
fn the_plans_command_prints_an_equivalent_catalogue() {
    let dir = new_dir();
    let mut command = headroom(dir.path());
    command.arg("plans");
    let builtin = run(command);
    assert_eq!((builtin.code, builtin.stderr.as_str()), (Some(0), ""), "{builtin:?}");
    for line in ["key = \"basic\"", "description = \"For a small team.\"", "staff = 2", "bookings_per_day = 20"] {
        assert!(builtin.stdout.lines().any(|printed| printed == line), "{line} is missing: {}", builtin.stdout);
    }
    let again = run_with(dir.path(), std::slice::from_ref(&builtin.stdout), &["plans"]);
    assert_eq!((again.code, again.stdout), (Some(0), builtin.stdout), "{}", again.stderr);
    let own = [plan("Big", 7, "\"unlimited\"", "0", "replaces = [\"a\", \"B\"]"), plan("small", 3, "1", "2", "")];
    let printed = run_with(dir.path(), &own, &["plans"]).stdout;
    assert!(printed.find("\"small\"") < printed.find("\"big\""), "{printed}");
    assert_eq!(run_with(dir.path(), std::slice::from_ref(&printed), &["plans"]).stdout, printed);
    assert!(!database(dir.path()).exists(), "a database was created");
}

#[test]
fn the_printed_built_in_catalogue_equals_its_golden_file() {
    let dir = new_dir();
    let mut command = headroom(dir.path());
    command.arg("plans");
    let printed = run(command);
    assert_eq!((printed.code, printed.stderr.as_str()), (Some(0), ""), "{printed:?}");
    assert_recorded("toml", &BTreeMap::from([("plans_command", printed.stdout)]));
}

#[test]
fn the_documented_example_can_be_appended_to_the_built_in_plans() {
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/CONFIGURATION.md");
    let document = fs::read_to_string(document).expect("the document can be read");
    let example = document.split_once("plans.toml << 'END'\n").and_then(|(_, rest)| rest.split_once("END\n"));
    let (example, _) = example.expect("it has an example");
    let dir = new_dir();
    let mut built_in = headroom(dir.path());
    built_in.arg("plans");
    let built_in = run(built_in).stdout;
    let printed = run_with(dir.path(), &[format!("{built_in}{example}")], &["plans"]);
    assert_eq!(printed.code, Some(0), "{printed:?}");
    for part in ["\"pro\"", "\"studio\"", "staff = \"unlimited\"\nbookings_per_day = 200\n"] {
        assert!(printed.stdout.contains(part), "{part}: {}", printed.stdout);
    }
}

/// Waits until the log has this text this many times.
#[track_caller]
fn await_logged(server: &Server, text: &str, count: usize) {
    await_some(text, || (server.log().matches(text).count() >= count).then_some(()));
}

#[test]
fn sighup_loads_the_plans_again() {
    let dir = new_dir();
    let server = start(dir.path(), &[plan("basic", 1, "1", "3", "")]);
    let client = server.client();
    let account = client.open_account("basic");
    assert_eq!(book(&client, &account, 10).0, 3);
    write(dir.path(), &[plan("basic", 1, "1", "5", "")]);
    server.signal("HUP");
    await_logged(&server, "SIGHUP: the plans are loaded again", 1);
    assert_eq!(book(&client, &account, 10).0, 2);

    write(dir.path(), &[plan("basic", 1, "1", "-5", "")]);
    server.signal("HUP");
    await_logged(&server, "the plans stay as they are", 1);
    assert!(server.log().contains("line 8: bookings_per_day takes"), "{}", server.log());
    write(dir.path(), &[plan("solo", 1, "1", "9", "")]);
    server.signal("HUP");
    await_logged(&server, "the plans stay as they are", 2);
    assert!(server.log().contains("basic, of 1 account"), "{}", server.log());
    assert_eq!(book(&client, &account, 10).0, 0);

    write(dir.path(), &[plan("solo", 1, "1", "6", "replaces = [\"basic\"]")]);
    let loaded = client.post("/plans/reload", &json!({}));
    assert_eq!((loaded.status, &loaded.body["data"][0]["key"]), (200, &json!("solo")), "{loaded:?}");
    assert_eq!(book(&client, &account, 10).0, 1);
    server.stop_and_verify();
}

#[test]
fn the_built_in_plans_cannot_be_loaded_again() {
    let dir = new_dir();
    let server = Server::start(dir.path());
    let client = server.client();
    let refused = client.post("/plans/reload", &json!({}));
    assert_eq!((refused.status, refused.text("code")), (409, "conflict"), "{refused:?}");
    assert!(refused.text("detail").contains("HEADROOM_PLANS"), "{refused:?}");
    server.signal("HUP");
    await_logged(&server, "SIGHUP has no effect", 1);
    server.stop_and_verify();
}

#[test]
fn a_default_plan_is_required_if_it_is_assigned() {
    let dir = new_dir();
    let run_on = |plans: &[String], setting: &str| {
        let mut command = headroom(dir.path());
        command.arg("--plans").arg(write(dir.path(), plans)).arg("plans").env("HEADROOM_ASSIGN_DEFAULT_PLAN", setting);
        run(command)
    };
    let (without, with) = ([plan("basic", 1, "1", "3", "")], [plan("basic", 1, "1", "3", "default = true")]);
    for (plans, setting, code) in [
        (&without, "off", Some(0)),
        (&without, "on", MISCONFIGURED),
        (&with, "on", Some(0)),
        (&with, "yes", MISCONFIGURED),
    ] {
        let finished = run_on(plans, setting);
        assert_eq!(finished.code, code, "{setting}: {finished:?}");
        if code == MISCONFIGURED {
            assert!(finished.stderr.contains("HEADROOM_ASSIGN_DEFAULT_PLAN"), "{}", finished.stderr);
        }
    }
    assert!(run_on(&with, "on").stdout.contains("\ndefault = true\n"));
}

#[test]
fn the_plans_command_warns_of_missing_limits() {
    let dir = new_dir();
    let plans = [
        "[[metric]]\nkey = \"sms\"\nkind = \"counter\"\nwindow = \"month\"\n".to_owned(),
        plan("basic", 1, "1", "3", ""),
    ];
    let printed = run_with(dir.path(), &plans, &["plans"]);
    assert_eq!(printed.code, Some(0), "{printed:?}");
    assert_eq!(printed.stderr, "headroom: the plan basic has no limit of sms, so it is 0 there\n");
    assert!(printed.stdout.contains("[[metric]]\nkey = \"sms\"\n"), "{}", printed.stdout);
}

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

#[test]
fn the_example_catalogues_have_no_faults_and_no_warnings() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/catalogues");
    let files =
        fs::read_dir(folder).expect("the folder can be read").map(|entry| entry.expect("it has entries").path());
    let files: Vec<_> = files.collect();
    assert_eq!(files.len(), 5);
    let dir = new_dir();
    for file in files {
        let mut command = headroom(dir.path());
        command.arg("--plans").arg(&file).arg("plans");
        let printed = run(command);
        assert_eq!((printed.code, printed.stderr.as_str()), (Some(0), ""), "{}", file.display());
        let defined = printed.stdout.matches("[[metric]]").count() + printed.stdout.matches("[[feature]]").count();
        assert!((10..=25).contains(&defined), "{}: {defined}", file.display());
        assert_eq!(run_with(dir.path(), std::slice::from_ref(&printed.stdout), &["plans"]).stdout, printed.stdout);
    }
}
