//! Members: added, changed, found, removed, leaving; and an account always has an owner.

use actix_web::http::Method;
use serde_json::{Value, json};

use crate::house::{Person, Tenant, person, start};
use crate::in_process::{Answer, Service, text};

/// An account with one owner.
async fn account(service: &Service, owner: &Person) -> String {
    let account = owner.post(service, "/accounts", json!({"name": "My Salon"})).await.expect(201);
    format!("/accounts/{}", text(&account["id"]))
}

async fn put(service: &Service, by: &Person, account: &str, who: &str, role: &str) -> Answer {
    by.send(service, Method::PUT, &format!("{account}/members/{who}"), json!({"role": role})).await
}

async fn remove(service: &Service, by: &Person, account: &str, who: &str) -> Answer {
    by.ask(service, Method::DELETE, &format!("{account}/members/{who}")).await
}

#[actix_web::test]
async fn a_member_is_added_and_found_by_name_and_id() {
    let service = start().await;
    let (ann, ben) = (person(&service).await, person(&service).await);
    let account = account(&service, &ann).await;
    let id = ben.login.user.to_string();
    ben.get(&service, &account).await.refused(404, "not_found");
    let member = put(&service, &ann, &account, &ben.name.to_uppercase(), "viewer").await.expect(200);
    assert_eq!((&member["id"], &member["role"]), (&json!(id), &json!("viewer")));
    assert_eq!((&member["username"], &member["account_id"]), (&json!(ben.name), &json!(&account[10..])));
    let changed = put(&service, &ann, &account, &id, "manager").await.expect(200);
    assert_eq!((&changed["role"], &changed["created_at"]), (&json!("manager"), &member["created_at"]));
    for who in [&id, &ben.name] {
        let path = format!("{account}/members/{who}");
        assert_eq!(ben.get(&service, &path).await.expect(200), changed);
    }
    ben.get(&service, &account).await.expect(200);
    let members = ann.get(&service, &format!("{account}/members")).await.expect(200);
    let roles: Vec<&Value> = members["data"].as_array().unwrap().iter().map(|it| &it["role"]).collect();
    assert_eq!(roles, ["manager", "owner"], "the newest first");
    assert_eq!(remove(&service, &ann, &account, &ben.name).await.status, 204);
    ben.get(&service, &account).await.refused(404, "not_found");
    assert_eq!(remove(&service, &ann, &account, &id).await.status, 204, "again");
}

#[actix_web::test]
async fn a_member_with_an_unknown_user_or_role_is_refused() {
    let service = start().await;
    let (ann, ben) = (person(&service).await, person(&service).await);
    let account = account(&service, &ann).await;
    let before = service.commits();
    for unknown in ["unknown", "user_00000000000000000000000000", "%00"] {
        put(&service, &ann, &account, unknown, "viewer").await.refused(404, "not_found");
        remove(&service, &ann, &account, unknown).await.refused(404, "not_found");
    }
    for role in ["", "Owner", "operator", "admin"] {
        let faults = put(&service, &ann, &account, &ben.name, role).await.faults();
        assert_eq!(faults, [("/role".to_owned(), "not_one_of".to_owned())], "{role}");
    }
    ann.get(&service, &format!("{account}/members/{}", ben.name)).await.refused(404, "not_found");
    assert!(service.commits() == before, "something was written");
}

#[actix_web::test]
async fn the_last_owner_cannot_leave_or_change_role() {
    let service = start().await;
    let (ann, ben) = (person(&service).await, person(&service).await);
    let account = account(&service, &ann).await;
    put(&service, &ann, &account, &ben.name, "manager").await.expect(200);
    let before = service.commits();
    remove(&service, &ann, &account, &ann.name).await.refused(409, "conflict");
    for role in ["viewer", "manager"] {
        put(&service, &ann, &account, &ann.name, role).await.refused(409, "conflict");
    }
    assert!(service.commits() == before, "something was written");
    put(&service, &ann, &account, &ann.name, "owner").await.expect(200);
    put(&service, &ann, &account, &ben.name, "owner").await.expect(200);
    ben.accept(&service, &account).await;
    assert_eq!(remove(&service, &ann, &account, &ann.name).await.status, 204);
    remove(&service, &ben, &account, &ben.name).await.refused(409, "conflict");
}

#[actix_web::test]
async fn no_user_becomes_the_only_owner_without_accepting() {
    let service = start().await;
    let mallory = person(&service).await;
    let account = account(&service, &mallory).await;
    let transfer = format!("{account}/transfer");
    for deletes_user in [false, true] {
        let ben = person(&service).await;
        for _ in 0..2 {
            let member = put(&service, &mallory, &account, &ben.name, "owner").await.expect(200);
            assert_eq!((&member["role"], &member["is_pending"]), (&json!("owner"), &json!(true)));
        }
        let before = service.commits();
        remove(&service, &mallory, &account, &mallory.name).await.refused(409, "conflict");
        put(&service, &mallory, &account, &mallory.name, "viewer").await.refused(409, "conflict");
        mallory.remove(&service, "/users/me").await.refused(409, "conflict");
        mallory.post(&service, &transfer, json!({"user": ben.name})).await.refused(409, "conflict");
        // A pending owner cannot either, who is an owner otherwise.
        remove(&service, &ben, &account, &mallory.name).await.refused(409, "conflict");
        assert!(service.commits() == before, "something was written");
        ben.get(&service, &format!("{account}/audit")).await.expect(200);
        if deletes_user {
            assert_eq!(ben.remove(&service, "/users/me").await.status, 204);
        } else {
            assert_eq!(remove(&service, &ben, &account, &ben.name).await.status, 204);
            ben.get(&service, &account).await.refused(404, "not_found");
        }
    }
    let members = mallory.get(&service, &format!("{account}/members")).await.expect(200);
    let expected: Vec<_> = members["data"].as_array().unwrap().iter().map(|it| &it["username"]).collect();
    assert_eq!(expected, [&json!(mallory.name)]);
}

#[actix_web::test]
async fn any_member_may_leave_but_only_owners_remove_others() {
    let service = start().await;
    let tenant = Tenant::open(&service).await;
    for role in ["viewer", "manager"] {
        let (member, other) = (person(&service).await, person(&service).await);
        tenant.put(&service, &member, role).await;
        tenant.put(&service, &other, "viewer").await;
        remove(&service, &member, &tenant.account, &other.name).await.refused(403, "forbidden");
        remove(&service, &member, &tenant.account, "unknown").await.refused(403, "forbidden");
        assert_eq!(remove(&service, &member, &tenant.account, &member.login.user.to_string()).await.status, 204);
        member.get(&service, &tenant.account).await.refused(404, "not_found");
    }
}

#[actix_web::test]
async fn ownership_is_transferred_in_one_step() {
    let service = start().await;
    let (ann, ben) = (person(&service).await, person(&service).await);
    let account = account(&service, &ann).await;
    let transfer = format!("{account}/transfer");
    ann.post(&service, &transfer, json!({"user": "unknown"})).await.refused(404, "not_found");
    ann.post(&service, &transfer, json!({"user": ben.name})).await.refused(409, "conflict");
    put(&service, &ann, &account, &ben.name, "owner").await.expect(200);
    ben.accept(&service, &account).await;
    let owner = ann.post(&service, &transfer, json!({"user": ben.login.user.to_string()})).await.expect(200);
    assert_eq!((&owner["username"], &owner["role"]), (&json!(ben.name), &json!("owner")));
    let was = ben.get(&service, &format!("{account}/members/{}", ann.name)).await.expect(200);
    assert_eq!(was["role"], "manager");
    ann.post(&service, &transfer, json!({"user": ann.name})).await.refused(403, "forbidden");
    let same = ben.post(&service, &transfer, json!({"user": ben.name})).await.expect(200);
    assert_eq!(same["role"], "owner", "a transfer to oneself changes nothing");
}
