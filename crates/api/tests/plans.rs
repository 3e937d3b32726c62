//! Plans are data: another catalogue is another file, and a plan with accounts cannot be removed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

#[path = "plans_parts/check.rs"]
mod check;
#[path = "plans_parts/reload.rs"]
mod reload;
#[expect(dead_code, reason = "other tests use the rest")]
mod support {
    pub(crate) mod golden;
    pub(crate) mod process;
}
use support::golden::assert_recorded;
use support::process::{Client, Finished, Server, database, headroom, run};

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
        "belongs into the [[plan]] of that one, above its [plan.limits]\n",
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
