//! The plans: a catalogue with custom metrics and features, loaded without a restart.

use std::fs;
use std::path::PathBuf;

use actix_web::http::Method;
use domain::error::StorageError;
use domain::ports::{ReadTx, Store};
use domain::{AccountId, Uuid};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::house::{bearer, person, start, start_with_plans};
use crate::in_process::{Answer, Service};

const CATALOGUE: &str = r#"
[[metric]]
key = "projects"
kind = "gauge"

[[metric]]
key = "sms_per_month"
kind = "counter"
meter = "sms"
window = "month"
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
key = "basic"
name = "Basic"
default = true
limits = { staff = 3, bookings_per_day = 5, projects = 0, sms_per_month = "unlimited" }

[[plan]]
key = "deal"
name = "Deal"
self_service = false
limits = { staff = 9 }
features = { sso = true, history_days = 90, support = "by phone" }
"#;

/// A service whose plans are in a file, which has not been loaded yet.
async fn start_on(text: &str) -> (Service, PathBuf, TempDir) {
    let directory = tempfile::tempdir().expect("a directory can be made");
    let file = directory.path().join("plans.toml");
    fs::write(&file, text).expect("a file can be written");
    (start_with_plans(file.clone()).await, file, directory)
}

async fn reload(service: &Service, key: Option<&'static str>) -> Answer {
    let request = service.authorised(Method::POST, "/plans/reload");
    service.send(if let Some(key) = key { request.insert_header(("idempotency-key", key)) } else { request }).await
}

/// The limit of staff of the first plan.
async fn staff_limit(service: &Service) -> Value {
    service.get("/plans").await.expect(200)["data"][0]["limits"]["staff"].clone()
}

/// The actions in the audit log that are about no account and no user.
async fn actions(service: &Service) -> Vec<String> {
    let list = |tx: &mut dyn ReadTx| tx.list_audit(AccountId::from_uuid(Uuid::nil()), None, 100);
    let entries = service.state.store.read::<_, StorageError>(list).await.expect("the log can be read");
    let actions = entries.iter().map(|entry| format!("{} {}", entry.action, entry.resource));
    actions.filter(|action| !action.starts_with("user.")).collect()
}

#[actix_web::test]
async fn a_loaded_catalogue_is_in_force_without_a_restart() {
    let (service, _, _directory) = start_on(CATALOGUE).await;
    let account = service.account_on("basic").await;
    assert_eq!(staff_limit(&service).await, 2);
    let loaded = reload(&service, None).await.expect(200);
    assert_eq!(service.get("/plans").await.expect(200), loaded);
    let expected = json!({
        "data": [
            {
                "key": "basic", "name": "Basic", "description": "", "self_service": true, "default": true,
                "limits": {"staff": 3, "bookings_per_day": 5, "projects": 0, "sms_per_month": null},
                "features": {"sso": false, "history_days": 0, "support": ""},
            },
            {
                "key": "deal", "name": "Deal", "description": "", "self_service": false, "default": false,
                "limits": {"staff": 9, "bookings_per_day": 0, "projects": 0, "sms_per_month": 0},
                "features": {"sso": true, "history_days": 90, "support": "by phone"},
            },
        ],
        "next_cursor": null,
        "metrics": [
            {"key": "staff", "meter": "staff", "kind": "gauge", "window": null, "records": true},
            {"key": "bookings_per_day", "meter": "bookings", "kind": "counter", "window": "day", "records": true},
            {"key": "projects", "meter": "projects", "kind": "gauge", "window": null, "records": true},
            {"key": "sms_per_month", "meter": "sms", "kind": "counter", "window": "month", "records": false},
        ],
        "features": [
            {"key": "sso", "type": "switch"},
            {"key": "history_days", "type": "number"},
            {"key": "support", "type": "text"},
        ],
    });
    assert_eq!(loaded, expected);
    assert_eq!(service.state.default_plan(), Some("basic".parse().expect("it is a key")));
    // limit - 1, limit and limit + 1 of the new limit.
    let add = async || service.post(&format!("{account}/staff"), json!({"name": "Ann"})).await;
    for _ in 0..3 {
        add().await.expect(201);
    }
    add().await.refused(403, "staff_limit_exceeded");
    assert_eq!(actions(&service).await, ["plans.reloaded plans"]);
}

#[actix_web::test]
async fn a_faulty_file_changes_nothing_and_lists_all_faults() {
    let bad = CATALOGUE.replace("staff = 3", "staff = -3").replace("type = \"text\"", "type = \"prose\"");
    let (service, file, _directory) = start_on(&bad).await;
    let problem = reload(&service, None).await.refused(409, "conflict");
    let name = file.display();
    let faults = json!([
        format!("{name}, line 22: type takes \"switch\", \"number\" or \"text\", not \"prose\""),
        format!("{name}, line 28: staff takes 0 to 9007199254740991 or \"unlimited\", not -3"),
    ]);
    assert_eq!(problem["faults"], faults);
    fs::remove_file(&file).expect("the file can be removed");
    let problem = reload(&service, None).await.refused(409, "conflict");
    assert_eq!(problem["faults"].as_array().map(Vec::len), Some(1), "{problem}");
    assert_eq!(staff_limit(&service).await, 2);
    assert_eq!(actions(&service).await, [""; 0]);
}

#[actix_web::test]
async fn a_catalogue_without_the_assigned_default_plan_is_refused() {
    let (service, file, _directory) = start_on(&CATALOGUE.replace("default = true\n", "")).await;
    assert_eq!(service.state.default_plan(), None);
    let problem = reload(&service, None).await.refused(409, "conflict");
    let fault = "no plan has default = true, and HEADROOM_ASSIGN_DEFAULT_PLAN is on";
    assert_eq!(problem["faults"], json!([format!("{}: {fault}", file.display())]));
}

#[actix_web::test]
async fn a_plan_of_accounts_cannot_vanish_from_the_file() {
    let (service, file, _directory) = start_on(CATALOGUE).await;
    let account = service.account_on("pro").await;
    let problem = reload(&service, None).await.refused(409, "conflict");
    let id = account.trim_start_matches("/accounts/");
    assert_eq!(problem["faults"], json!([format!("pro, of 1 account: {id}")]));
    assert_eq!(staff_limit(&service).await, 2);
    let replaced = CATALOGUE.replace("key = \"deal\"", "key = \"deal\"\nreplaces = [\"pro\"]");
    fs::write(&file, replaced).expect("a file can be written");
    reload(&service, None).await.expect(200);
    assert_eq!(service.get(&format!("{account}/subscription")).await.expect(200)["plan"], "deal");
}

#[actix_web::test]
async fn a_repeated_idempotent_reload_loads_nothing() {
    let (service, file, _directory) = start_on(CATALOGUE).await;
    let first = reload(&service, Some("r1")).await;
    fs::write(&file, CATALOGUE.replace("staff = 3", "staff = 4")).expect("a file can be written");
    let again = reload(&service, Some("r1")).await;
    assert_eq!((again.header("idempotency-replayed"), again.expect(200)), (Some("true"), first.expect(200)));
    assert_eq!(staff_limit(&service).await, 3);
    fs::write(&file, "nothing").expect("a file can be written");
    reload(&service, Some("r1")).await.expect(200);
    reload(&service, Some("r2")).await.refused(409, "conflict");
    fs::write(&file, CATALOGUE.replace("staff = 3", "staff = 4")).expect("a file can be written");
    reload(&service, Some("r2")).await.expect(200);
    assert_eq!(staff_limit(&service).await, 4);
    assert_eq!(actions(&service).await.len(), 2);
}

#[actix_web::test]
async fn a_caller_who_is_no_operator_learns_nothing_of_the_file() {
    let (service, _, _directory) = start_on("faulty").await;
    let request = || service.authorised(Method::POST, "/plans/reload");
    let caller = person(&service).await;
    service.send(request().insert_header(bearer(&caller.login.token))).await.refused(403, "forbidden");
    service.send(request().insert_header(("if-match", "\"1\""))).await.refused(400, "invalid_parameter");
    assert_eq!(reload(&service, None).await.status, 409);
    let (service, _, _directory) = start_on(CATALOGUE).await;
    service
        .send(service.authorised(Method::POST, "/plans/reload?dry_run=true"))
        .await
        .refused(400, "invalid_parameter");
    assert_eq!(staff_limit(&service).await, 2);
}

#[actix_web::test]
async fn the_built_in_plans_have_no_further_members() {
    let service = start().await;
    let listed = service.get("/plans").await.expect(200);
    let members = |value: &Value| value.as_object().expect("it is an object").keys().cloned().collect::<Vec<_>>();
    assert_eq!(members(&listed), ["data", "next_cursor"]);
    assert_eq!(members(&listed["data"][0]), ["key", "name", "description", "limits"]);
}
