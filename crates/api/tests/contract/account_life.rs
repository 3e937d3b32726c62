//! The life of an account: changed, removed, and restored with all its data.

use actix_web::http::Method;
use actix_web::test::TestRequest;
use serde_json::{Value, json};

use crate::document::operations;
use crate::house::{Person, Tenant, bearer, person, start};
use crate::in_process::{Answer, Service, text};
use crate::subscriptions::Story;

/// Changes an account if its version is the one that `if_match` names.
async fn change(service: &Service, by: &Person, account: &str, if_match: Option<&str>, body: Value) -> Answer {
    let request = TestRequest::patch().uri(account).insert_header(bearer(&by.login.token)).set_json(body);
    service.send(if_match.iter().fold(request, |request, tag| request.append_header(("if-match", *tag)))).await
}

async fn remove(service: &Service, by: &Person, account: &str) -> Answer {
    by.ask(service, Method::DELETE, account).await
}

async fn restore(service: &Service, by: &Person, account: &str) -> Answer {
    by.ask(service, Method::POST, &format!("{account}/restore")).await
}

fn etag(answer: &Answer) -> String {
    answer.header("etag").expect("it has a version").to_owned()
}

#[actix_web::test]
async fn an_account_patch_keeps_other_fields_and_returns_the_version() {
    let service = start().await;
    let tenant = Tenant::open(&service).await;
    let (ann, account) = (&tenant.owner, &tenant.account);
    let before = ann.get(&service, account).await;
    let mut expected = before.expect(200);
    for (body, name, zone) in [
        (json!({"name": " Our Salon "}), "Our Salon", "UTC"),
        (json!({"time_zone": "europe/berlin"}), "Our Salon", "Europe/Berlin"),
        (json!({"name": "Salon", "time_zone": "Asia/Tokyo"}), "Salon", "Asia/Tokyo"),
        (json!({}), "Salon", "Asia/Tokyo"),
        (json!({"name": "Salon"}), "Salon", "Asia/Tokyo"),
    ] {
        let changed = change(&service, ann, account, None, body).await;
        let now = ann.get(&service, account).await;
        assert_eq!((changed.expect(200), etag(&changed)), (now.expect(200), etag(&now)));
        // The periods of the subscription change with the days.
        expected["subscription"]["current_period"] = now.json()["subscription"]["current_period"].clone();
        (expected["name"], expected["time_zone"]) = (json!(name), json!(zone));
        assert_eq!(now.json(), expected);
        assert_ne!(etag(&now), etag(&before));
    }
    let audit = ann.get(&service, &format!("{account}/audit")).await.expect(200);
    let changes = audit["data"].as_array().unwrap().iter().filter(|it| it["action"] == "account.changed");
    assert_eq!(changes.count(), 3, "a request without effect has no entry");
}

#[actix_web::test]
async fn an_invalid_account_patch_reports_every_fault() {
    let service = start().await;
    let tenant = Tenant::open(&service).await;
    let before = service.commits();
    let faults = async |body: Value| change(&service, &tenant.owner, &tenant.account, None, body).await.faults();
    for (body, name, zone) in [
        (json!({"name": null, "time_zone": null}), "required", "required"),
        (json!({"name": "", "time_zone": "Mars/Olympus"}), "blank", "unknown_time_zone"),
        (json!({"name": 7, "time_zone": []}), "wrong_type", "wrong_type"),
    ] {
        let expected = [("/name", name), ("/time_zone", zone)].map(|(at, code)| (at.to_owned(), code.to_owned()));
        assert_eq!(faults(body).await, expected);
    }
    assert!(service.commits() == before, "something was written");
}

#[actix_web::test]
async fn a_new_time_zone_moves_no_booking_to_another_day() {
    let service = start().await;
    let tenant = Tenant::open(&service).await;
    let (ann, bookings) = (&tenant.owner, format!("{}/bookings", tenant.account));
    let late = json!({"starts_at": "2031-05-04T23:00:00Z"});
    let there = ann.post(&service, &bookings, late.clone()).await.expect(201);
    assert_eq!(there["day"], "2031-05-04");
    let zone = json!({"time_zone": "Europe/Berlin"});
    change(&service, ann, &tenant.account, None, zone).await.expect(200);
    let path = format!("{bookings}/{}", text(&there["id"]));
    assert_eq!(ann.get(&service, &path).await.expect(200), there);
    assert_eq!(ann.post(&service, &bookings, late).await.expect(201)["day"], "2031-05-05");
}

#[actix_web::test]
async fn an_outdated_if_match_changes_nothing() {
    let service = start().await;
    let (tenant, stranger) = (Tenant::open(&service).await, person(&service).await);
    let (ann, account) = (&tenant.owner, tenant.account.as_str());
    let rename = |name: &str| json!({"name": name});
    let old = etag(&ann.get(&service, account).await);
    let new = etag(&change(&service, ann, account, Some(&old), rename("Ann's")).await);
    assert_ne!(new, old);
    let before = service.commits();
    for tag in [old.as_str(), "\"x\"", "x", "", &format!("W/{new}"), &format!("{old}, \"x\"")] {
        let refused = change(&service, ann, account, Some(tag), rename("Ben's")).await;
        refused.refused(412, "precondition_failed");
        let removal = TestRequest::delete().uri(account).insert_header(bearer(&ann.login.token));
        service.send(removal.insert_header(("if-match", tag))).await.refused(412, "precondition_failed");
    }
    // Permission and faults are checked first.
    change(&service, &stranger, account, Some(&old), rename("Ben's")).await.refused(404, "not_found");
    change(&service, ann, account, Some(&old), rename("")).await.refused(422, "validation_failed");
    assert!(service.commits() == before, "something was written");
    for tag in [format!("\"x\" ,{new}"), "*".to_owned()] {
        change(&service, ann, account, Some(&tag), rename("Ben's")).await.expect(200);
    }
    let present = etag(&ann.get(&service, account).await);
    let removal = TestRequest::delete().uri(account).insert_header(bearer(&ann.login.token));
    assert_eq!(service.send(removal.insert_header(("if-match", present.as_str()))).await.status, 204);
    let back = restore(&service, ann, account).await;
    // The name is the old one again, but the version is a new one.
    assert_eq!(back.status, 200);
    assert_ne!(etag(&back), present);
}

#[actix_web::test]
async fn a_scheduled_change_that_takes_effect_changes_the_version() {
    let story = Story::begin_on("basic", "2026-03-10T12:00:00Z", "UTC").await;
    story.post("subscribe", json!({"plan": "pro", "timing": "period_end"})).await.expect(200);
    let rename = async |tag: &str, name: &str| {
        change(&story.service, &story.owner, &story.account, Some(tag), json!({"name": name})).await
    };
    let version = etag(&story.owner.get(&story.service, &story.account).await);
    story.set_time("2026-04-09T23:59:59.999999Z");
    let changed = rename(&version, "Before").await;
    assert_eq!(changed.expect(200)["subscription"]["plan"], "basic");
    story.set_time("2026-04-10T00:00:00Z");
    rename(&etag(&changed), "After").await.refused(412, "precondition_failed");
    let present = etag(&story.owner.get(&story.service, &story.account).await);
    assert_eq!(rename(&present, "After").await.expect(200)["subscription"]["plan"], "pro");
}

#[actix_web::test]
async fn a_removed_account_permits_only_its_restoration() {
    let service = start().await;
    let tenant = Tenant::open(&service).await;
    let (_, key) = tenant.owner.api_key(&service, "admin", Some(&tenant.id("account_id"))).await;
    assert_eq!(remove(&service, &tenant.owner, &tenant.account).await.status, 204);
    let before = service.commits();
    let mut asked = 0;
    for operation in operations().iter().filter(|it| it.path.starts_with("/accounts/")) {
        if ["remove_account", "restore_account", "erase_account"].contains(&text(&operation.description["operationId"]))
        {
            continue;
        }
        for token in [&tenant.owner.login.token, &tenant.other_owner.login.token, &service.token] {
            // This example removes the other owner, who may leave.
            if operation.description["operationId"] == "remove_member" && *token == tenant.other_owner.login.token {
                continue;
            }
            let answer = service.send(tenant.request(operation).insert_header(bearer(token))).await;
            assert_eq!(answer.status, 404, "{} {}: {}", operation.method, operation.path, answer.text());
            asked += 1;
        }
    }
    assert!(asked >= 3 * 15, "{asked}");
    assert!(service.commits() == before, "something was written");
    for token in [&tenant.owner.login.token, &tenant.other_owner.login.token, &service.token, &key] {
        let removal = TestRequest::delete().uri(&tenant.account).insert_header(bearer(token));
        assert_eq!(service.send(removal).await.status, 204, "again");
    }
}

#[actix_web::test]
async fn only_owners_remove_and_restore_an_account() {
    let service = start().await;
    let (tenant, other) = (Tenant::open(&service).await, Tenant::open(&service).await);
    let manager = person(&service).await;
    tenant.put(&service, &manager, "manager").await;
    remove(&service, &manager, &tenant.account).await.refused(403, "forbidden");
    assert_eq!(remove(&service, &tenant.owner, &tenant.account).await.status, 204);
    let before = service.commits();
    for (who, status, code) in [(&manager, 403, "forbidden"), (&other.owner, 404, "not_found")] {
        remove(&service, who, &tenant.account).await.refused(status, code);
        restore(&service, who, &tenant.account).await.refused(status, code);
    }
    assert!(service.commits() == before, "something was written");
    restore(&service, &tenant.other_owner, &tenant.account).await.expect(200);
}

#[actix_web::test]
async fn an_operator_restores_an_account_without_owners_and_owns_it() {
    let service = start().await;
    let manager = person(&service).await;
    let roles = async |account: &str| -> Vec<(String, String)> {
        let members = service.get(&format!("{account}/members")).await.expect(200);
        let of = |member: &Value| (text(&member["username"]).to_owned(), text(&member["role"]).to_owned());
        members["data"].as_array().expect("a list has data").iter().map(of).collect()
    };
    for deletes_user in [false, true] {
        let ann = person(&service).await;
        let opened = ann.post(&service, "/accounts", json!({"name": "My Salon"})).await.expect(201);
        let account = format!("/accounts/{}", text(&opened["id"]));
        let membership = format!("{account}/members/{}", ann.name);
        let of_manager = format!("{account}/members/{}", manager.name);
        ann.send(&service, Method::PUT, &of_manager, json!({"role": "manager"})).await.expect(200);
        let leave = if deletes_user { "/users/me" } else { &membership };
        ann.remove(&service, leave).await.refused(409, "conflict");
        assert_eq!(remove(&service, &ann, &account).await.status, 204);
        // No caller can remove another owner, not even the operator.
        ann.remove(&service, &of_manager).await.refused(404, "not_found");
        let by_operator = service.authorised(Method::DELETE, &membership);
        service.send(by_operator).await.refused(404, "not_found");
        assert_eq!(ann.remove(&service, leave).await.status, 204);
        if !deletes_user {
            let list = ann.get(&service, "/accounts?include_deleted=true").await.expect(200);
            assert_eq!(list["data"], json!([]));
            restore(&service, &ann, &account).await.refused(404, "not_found");
        }
        restore(&service, &manager, &account).await.refused(403, "forbidden");
        service.send(service.authorised(Method::POST, &format!("{account}/restore"))).await.expect(200);
        let [owner, other] = [("user", "owner"), (manager.name.as_str(), "manager")];
        let expected = [owner, other].map(|(name, role)| (name.to_owned(), role.to_owned()));
        let mut members = roles(&account).await;
        members.sort_by(|a, b| b.1.cmp(&a.1));
        assert_eq!(members, expected);
        service
            .send(service.authorised(Method::DELETE, &format!("{account}/members/user")))
            .await
            .refused(409, "conflict");
    }
}

#[actix_web::test]
async fn a_restored_account_has_everything_it_had() {
    let service = start().await;
    let tenant = Tenant::open(&service).await;
    let reads = operations();
    let reads: Vec<_> = reads
        .iter()
        .filter(|it| it.method == "GET" && it.path.starts_with("/accounts/") && !it.path.ends_with("/audit"))
        .map(|it| tenant.path(it))
        .collect();
    let look = async || {
        let mut bodies = Vec::new();
        for path in &reads {
            bodies.push(tenant.owner.get(&service, path).await.expect(200));
        }
        bodies
    };
    let before = look().await;
    for _ in 0..2 {
        assert_eq!(remove(&service, &tenant.owner, &tenant.account).await.status, 204);
        let account = restore(&service, &tenant.owner, &tenant.account).await.expect(200);
        assert_eq!(restore(&service, &tenant.owner, &tenant.account).await.expect(200), account, "again");
        assert_eq!(look().await, before);
    }
    let audit = tenant.owner.get(&service, &format!("{}/audit", tenant.account)).await.expect(200);
    let actions: Vec<_> = audit["data"].as_array().unwrap().iter().take(5).map(|it| text(&it["action"])).collect();
    let [removed, restored] = ["account.removed", "account.restored"];
    assert_eq!(actions[..4], [restored, removed, restored, removed]);
    assert_ne!(actions[4], restored, "a request without effect has no entry");
    // Usage is unchanged: one of five staff members.
    let staff = format!("{}/staff", tenant.account);
    for _ in 0..4 {
        tenant.owner.post(&service, &staff, json!({"name": "Ann"})).await.expect(201);
    }
    tenant.owner.post(&service, &staff, json!({"name": "Ann"})).await.refused(403, "staff_limit_exceeded");
}

#[actix_web::test]
async fn removed_accounts_are_listed_only_with_include_deleted() {
    let service = start().await;
    let (tenant, other) = (Tenant::open(&service).await, Tenant::open(&service).await);
    let new = tenant.owner.post(&service, "/accounts", json!({"name": "Another"})).await.expect(201);
    let (_, key) = tenant.owner.api_key(&service, "read", Some(&tenant.id("account_id"))).await;
    remove(&service, &tenant.owner, &tenant.account).await;
    let list = async |token: &str, query: &str| {
        let request = TestRequest::get().uri(&format!("/accounts{query}")).insert_header(bearer(token));
        service.send(request).await
    };
    let ids = |answer: &Answer| -> Vec<String> {
        let list = answer.expect(200);
        list["data"].as_array().unwrap().iter().map(|it| text(&it["id"]).to_owned()).collect()
    };
    let (removed, kept, others) = (tenant.id("account_id"), text(&new["id"]).to_owned(), other.id("account_id"));
    let all = [kept.clone(), others.clone(), removed.clone()];
    for (token, without, with) in [
        (&tenant.owner.login.token, &[kept.clone()][..], &[kept.clone(), removed.clone()][..]),
        (&tenant.other_owner.login.token, &[], std::slice::from_ref(&removed)),
        (&other.owner.login.token, std::slice::from_ref(&others), std::slice::from_ref(&others)),
        (&key, &[], std::slice::from_ref(&removed)),
        (&service.token, &all[..2], &all),
    ] {
        assert_eq!(ids(&list(token, "").await), without);
        assert_eq!(ids(&list(token, "?include_deleted=false").await), without);
        let listed = list(token, "?include_deleted=true").await;
        assert_eq!(ids(&listed), with);
        for account in listed.json()["data"].as_array().unwrap() {
            assert_eq!(account["deleted_at"].is_null(), account["id"] != removed.as_str(), "{account}");
        }
    }
    let token = &tenant.owner.login.token;
    let first = list(token, "?include_deleted=true&limit=1").await;
    let cursor = text(&first.json()["next_cursor"]).to_owned();
    let next = format!("</accounts?include_deleted=true&limit=1&cursor={cursor}>; rel=\"next\"");
    assert_eq!(first.header("link"), Some(next.as_str()));
    assert_eq!(ids(&list(token, &format!("?include_deleted=true&cursor={cursor}")).await), [removed]);
    list(token, &format!("?cursor={cursor}")).await.refused(400, "invalid_cursor");
    list(token, "?include_deleted=1").await.refused(400, "invalid_parameter");
}
