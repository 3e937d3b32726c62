//! Pages: newest first, no item repeated or missed while items are added, and sealed cursors.

use actix_web::http::Method;
use actix_web::test::TestRequest;
use serde_json::{Value, json};

use crate::document::operations;
use crate::house::{Person, Tenant, person, start};
use crate::in_process::{Answer, Service, text};

fn ids(list: &Value) -> Vec<String> {
    list["data"].as_array().expect("a list has data").iter().map(|it| text(&it["id"]).to_owned()).collect()
}

async fn open(service: &Service, owner: &Person) -> String {
    let account = owner.post(service, "/accounts", json!({"name": "My Salon"})).await.expect(201);
    text(&account["id"]).to_owned()
}

/// The path and query of the next page, which `Link` and the body agree on.
fn next(answer: &Answer, path: &str, limit: usize) -> Option<String> {
    let cursor = answer.json()["next_cursor"].as_str().map(str::to_owned);
    let next = cursor.map(|cursor| format!("{path}?limit={limit}&cursor={cursor}"));
    let link = next.as_ref().map(|next| format!("<{next}>; rel=\"next\""));
    assert_eq!(answer.header("link"), link.as_deref());
    next
}

#[actix_web::test]
async fn pages_list_each_item_once_while_items_are_added() {
    let service = start().await;
    let ann = person(&service).await;
    let mut expected = Vec::new();
    for _ in 0..7 {
        expected.insert(0, open(&service, &ann).await);
    }
    for (limit, sizes) in [(1, &[1; 7][..]), (3, &[3, 3, 1]), (7, &[7]), (100, &[7])] {
        let (mut seen, mut pages) = (Vec::new(), Vec::new());
        let mut path = Some(format!("/accounts?limit={limit}"));
        while let Some(page) = path {
            let answer = ann.get(&service, &page).await;
            let found = ids(&answer.expect(200));
            pages.push(found.len());
            seen.extend(found);
            path = next(&answer, "/accounts", limit);
            // Newer ones sort before the first page, so the rest is unchanged.
            if path.is_some() {
                open(&service, &ann).await;
            }
        }
        assert_eq!(pages, sizes, "{limit}");
        assert_eq!(seen, expected, "{limit}");
        // The new items are on the first page of the next listing.
        let all = ids(&ann.get(&service, "/accounts?limit=100").await.expect(200));
        assert!(all.ends_with(&expected));
        for added in &all[..all.len() - expected.len()] {
            assert_eq!(ann.remove(&service, &format!("/accounts/{added}")).await.status, 204);
        }
    }
}

#[actix_web::test]
async fn a_page_has_20_items_by_default() {
    let service = start().await;
    let ann = person(&service).await;
    for _ in 0..21 {
        ann.api_key(&service, "read", None).await;
    }
    let first = ann.get(&service, "/api-keys").await;
    assert_eq!(ids(&first.expect(200)).len(), 20);
    let rest = ann.get(&service, &next(&first, "/api-keys", 20).expect("there is another page")).await;
    assert_eq!((ids(&rest.expect(200)).len(), next(&rest, "/api-keys", 20)), (1, None));
    assert_eq!(ids(&ann.get(&service, "/api-keys?limit=100").await.expect(200)).len(), 21);
}

#[actix_web::test]
async fn accounts_are_listed_to_their_members_and_to_operators() {
    let service = start().await;
    let (tenant, other) = (Tenant::open(&service).await, Tenant::open(&service).await);
    let viewer = person(&service).await;
    assert_eq!(ids(&viewer.get(&service, "/accounts").await.expect(200)), [""; 0]);
    tenant.put(&service, &viewer, "viewer").await;
    for member in [&viewer, &tenant.owner, &tenant.other_owner] {
        assert_eq!(ids(&member.get(&service, "/accounts").await.expect(200)), [tenant.id("account_id")]);
    }
    let all = ids(&service.get("/accounts").await.expect(200));
    assert_eq!(all, [other.id("account_id"), tenant.id("account_id")]);
}

/// The lists of this tenant.
fn lists(tenant: &Tenant) -> Vec<String> {
    let all = operations();
    let paged = all.iter().filter(|operation| {
        let parameters = operation.description["parameters"].as_array();
        parameters.is_some_and(|parameters| parameters.iter().any(|it| it["name"] == "cursor"))
    });
    paged.map(|operation| tenant.path(operation)).collect()
}

/// A GET with permission: the owner's, or an operator's for the list that needs one.
async fn get(service: &Service, tenant: &Tenant, path: &str) -> Answer {
    if path.starts_with("/near-limits") { service.get(path).await } else { tenant.owner.get(service, path).await }
}

/// A tenant with two pages in every list, at one item per page.
async fn with_two_pages(service: &Service) -> Tenant {
    let tenant = Tenant::open(service).await;
    open(service, &tenant.owner).await;
    tenant.owner.api_key(service, "read", None).await;
    tenant.owner.post(service, &format!("{}/usage", tenant.account), json!({"meter": "sms"})).await.expect(201);
    let hold = json!({"meter": "sms", "expires_in_seconds": 60});
    tenant.owner.post(service, &format!("{}/holds", tenant.account), hold).await.expect(201);
    let allocation = format!("{}/allocations/projects/app", tenant.account);
    tenant.owner.send(service, Method::PUT, &allocation, json!({})).await.expect(201);
    let grant = json!({"metric": "sms", "quantity": 1, "reason": "A trial"});
    service.post(&format!("{}/grants", tenant.account), grant).await.expect(201);
    // The two staff members use up their limit.
    for (metric, limit) in [("staff", 2), ("sms", 9)] {
        let path = format!("{}/overrides/{metric}", tenant.account);
        let given = service.authorised(Method::PUT, &path).set_json(json!({"limit": limit, "reason": "A trial"}));
        service.send(given).await.expect(200);
    }
    tenant.owner.post(service, &format!("{}/subscribe", tenant.account), json!({"plan": "basic"})).await.expect(200);
    tenant.owner.post(service, &format!("{}/staff", tenant.account), json!({"name": "Ben"})).await.expect(201);
    tenant.owner.post(service, &format!("{}/bookings", tenant.account), json!({})).await.expect(201);
    tenant
}

#[actix_web::test]
async fn altered_and_foreign_cursors_are_refused() {
    let service = start().await;
    let (tenant, other) = (with_two_pages(&service).await, with_two_pages(&service).await);
    let mut cursors = Vec::new();
    for path in lists(&tenant) {
        let page = get(&service, &tenant, &format!("{path}?limit=1")).await.expect(200);
        cursors.push((path, text(&page["next_cursor"]).to_owned()));
    }
    assert_eq!(cursors.len(), 13, "{cursors:?}");
    for (path, cursor) in &cursors {
        let (id, seal) = cursor.split_once('.').expect("a cursor has two parts");
        let mut bad: Vec<String> =
            ["", ".", "x", id, seal, &format!(".{seal}"), &format!("{id}.")].map(str::to_owned).into();
        for at in 0..cursor.len() {
            let other = if cursor.as_bytes()[at] == b'0' { "1" } else { "0" };
            bad.push(format!("{}{other}{}", &cursor[..at], &cursor[at + 1..]));
        }
        bad.push(format!("{cursor}0"));
        bad.extend(cursors.iter().filter(|(its, _)| its != path).map(|(_, cursor)| cursor.clone()));
        for bad in &bad {
            let answer = get(&service, &tenant, &format!("{path}?cursor={bad}")).await;
            assert_eq!(answer.status, 400, "{path} {bad}: {}", answer.text());
            answer.refused(400, "invalid_cursor");
        }
        get(&service, &tenant, &format!("{path}?cursor={cursor}")).await.expect(200);
    }
    for (path, cursor) in cursors.iter().filter(|(path, _)| path.starts_with("/accounts/")) {
        let others = path.replace(&tenant.id("account_id"), &other.id("account_id"));
        let at_others = format!("{others}?cursor={cursor}");
        other.owner.get(&service, &at_others).await.refused(400, "invalid_cursor");
        tenant.owner.get(&service, &at_others).await.refused(404, "not_found");
    }
}

#[actix_web::test]
async fn invalid_page_parameters_are_refused_after_the_permission_check() {
    let service = start().await;
    let (tenant, stranger) = (Tenant::open(&service).await, person(&service).await);
    for path in lists(&tenant) {
        for query in
            ["limit=0", "limit=101", "limit=x", "limit=", "limit=-1", "limit=1.5", "lmit=1", "limit=1&offset=2", "x"]
        {
            let asked = format!("{path}?{query}");
            get(&service, &tenant, &asked).await.refused(400, "invalid_parameter");
            if path.starts_with("/accounts/") {
                stranger.get(&service, &asked).await.refused(404, "not_found");
            }
            service.send(TestRequest::get().uri(&asked)).await.refused(401, "unauthenticated");
        }
        for query in ["limit=1", "limit=100", "limit=%31", ""] {
            get(&service, &tenant, &format!("{path}?{query}")).await.expect(200);
        }
    }
}
