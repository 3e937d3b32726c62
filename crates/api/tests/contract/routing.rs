//! Routing: unsupported methods, unknown paths, and unknown ids.

use std::collections::BTreeMap;

use actix_web::http::Method;
use actix_web::test::TestRequest;
use serde_json::Value;

use crate::document::operations;
use crate::house::{Tenant, bearer, start};
use crate::in_process::text;

const METHODS: [&str; 10] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "BREW"];
/// The paths beside the operations.
const PAGES: [&str; 10] = [
    "/",
    "/console",
    "/console/",
    "/docs",
    "/docs/",
    "/docs/API.md",
    "/docs/errors",
    "/docs/openapi.json",
    "/llms.txt",
    "/openapi.json",
];

fn method(name: &str) -> Method {
    name.parse().expect("it is a method")
}

#[actix_web::test]
async fn unsupported_methods_are_refused_with_the_allowed_ones() {
    let service = start().await;
    let tenant = Tenant::open(&service).await;
    let mut paths = BTreeMap::<String, Vec<String>>::new();
    for page in PAGES {
        paths.insert(page.to_owned(), vec!["GET".to_owned()]);
    }
    for operation in operations() {
        paths.entry(tenant.path(&operation)).or_default().push(operation.method);
    }
    for (path, mut permitted) in paths {
        if permitted.contains(&"GET".to_owned()) {
            permitted.push("HEAD".to_owned());
        }
        permitted.sort();
        for other in METHODS.iter().filter(|name| !permitted.iter().any(|its| its == *name)) {
            let answer = service.send(TestRequest::with_uri(&path).method(method(other))).await;
            let context = format!("{other} {path}: {}", answer.text());
            assert_eq!((answer.status, &answer.json()["code"]), (405, &Value::from("method_not_allowed")), "{context}");
            let mut allowed: Vec<_> = answer.header("allow").unwrap_or_default().split(", ").collect();
            allowed.sort_unstable();
            assert_eq!(allowed, permitted, "{context}");
        }
    }
}

#[actix_web::test]
async fn every_get_has_a_matching_head() {
    let service = start().await;
    let tenant = Tenant::open(&service).await;
    let operations = operations();
    let gets = operations.iter().filter(|operation| operation.method == "GET");
    let paths: Vec<_> = gets.map(|operation| tenant.path(operation)).chain(PAGES.map(str::to_owned)).collect();
    for path in paths {
        let get = tenant.owner.get(&service, &path).await;
        let head = tenant.owner.ask(&service, Method::HEAD, &path).await;
        assert_eq!(head.status, get.status, "{path}");
        for name in ["content-type", "cache-control", "content-security-policy", "location"] {
            assert_eq!(head.header(name), get.header(name), "{path}: {name}");
        }
    }
}

#[actix_web::test]
async fn unknown_paths_are_not_found() {
    let service = start().await;
    let paths = ["/nothing", "/nothing/", "/accounts/a/b/c", "//", "/Health", "/%00", "/%ff", "/a%2fb"];
    for path in paths {
        for name in ["GET", "POST", "OPTIONS"] {
            service.send(TestRequest::with_uri(path).method(method(name))).await.refused(404, "not_found");
        }
    }
    service.send(TestRequest::get().uri("/docs/nothing")).await.refused(404, "not_found");
}

#[actix_web::test]
async fn a_trailing_slash_is_refused_with_the_correct_path() {
    let service = start().await;
    let tenant = Tenant::open(&service).await;
    let mut paths: Vec<_> = operations().iter().map(|operation| tenant.path(operation)).collect();
    paths.dedup();
    for path in paths {
        for (slashes, name) in [("/", "GET"), ("/", "POST"), ("//", "DELETE")] {
            let request = TestRequest::with_uri(&format!("{path}{slashes}")).method(method(name));
            let problem = service.send(request).await.refused(404, "not_found");
            assert_eq!(problem["detail"], format!("Paths here end without a slash. Use {path}."));
        }
    }
}

/// Invalid values of a path parameter, and values that name nothing.
fn wrong_values(parameter: &str, id: &str) -> Vec<String> {
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    match parameter {
        // A counter, and staff members, take no allocations.
        "meter" => texts(&["sms", "staff", "bookings", "Projects", "unknown", "1", "%00"]),
        "key" => [texts(&["%00", "%ff", "%20", "%C3%A4"]), vec!["a".repeat(129)]].concat(),
        _ => wrong_ids(id),
    }
}

/// Invalid ids of this kind, and an id of nothing.
fn wrong_ids(id: &str) -> Vec<String> {
    let (prefix, suffix) = id.split_once('_').expect("an id has a prefix");
    let other_kind = if prefix == "bkg" { "staff" } else { "bkg" };
    vec![
        format!("{prefix}_{}", "0".repeat(26)),
        format!("{other_kind}_{suffix}"),
        format!("{prefix}_{}", suffix.to_uppercase()),
        format!("{prefix}_{suffix}0"),
        format!("{prefix}_{}", &suffix[1..]),
        format!("{prefix}_8{}", "z".repeat(25)),
        suffix.to_owned(),
        "1".to_owned(),
        "%00".to_owned(),
        "%ff".to_owned(),
        "%C3%A4".to_owned(),
        "a".repeat(3000),
    ]
}

#[actix_web::test]
async fn every_unknown_id_gets_the_same_not_found() {
    let service = start().await;
    let (tenant, other) = (Tenant::open(&service).await, Tenant::open(&service).await);
    let mut requests = Vec::new();
    for operation in operations() {
        for parameter in operation.path_parameters() {
            // The removal of a grant that does not exist has nothing to do.
            if operation.method == "DELETE" && parameter == "grant_id" {
                continue;
            }
            let path = tenant.path(&operation);
            let id = tenant.id(parameter);
            let mut ids = wrong_values(parameter, &id);
            // A user of another account may be added to this one too; and metrics are shared by all
            // accounts.
            if !["user_id", "metric", "meter", "key"].contains(&parameter) {
                ids.push(other.id(parameter));
            }
            // A user to add or remove may be outside of the account: the response does not reveal
            // who they are.
            let detail = match parameter {
                "user_id" if operation.method != "GET" => "No user has that name or id.",
                "metric" | "meter" => "The catalogue has no such ",
                _ => "Check the path",
            };
            let paths = ids.iter().map(|wrong| path.replace(&id, wrong));
            // An operator may act on every account.
            let is_account = parameter == "account_id";
            let token = if is_account { &tenant.owner.login.token } else { tenant.token(&service, &operation) };
            let token = bearer(token);
            let request = |path: String| {
                (tenant.request_at(&operation, &path, &tenant.owner).insert_header(token.clone()), path, detail)
            };
            requests.extend(paths.map(request));
        }
    }
    let mut answers = Vec::new();
    for (request, path, detail) in requests {
        let answer = service.send(request.insert_header(("x-request-id", "the-same"))).await;
        let problem = answer.refused(404, "not_found");
        assert!(text(&problem["detail"]).starts_with(detail), "{path}: {problem}");
        if detail == "Check the path" {
            answers.push((answer.body, path));
        }
    }
    let (first, _) = &answers[0];
    assert!(answers.iter().any(|(_, path)| path.contains(&other.staff) && path.contains(&tenant.account)));
    for (answer, path) in &answers {
        assert_eq!(answer, first, "{path}");
    }
}
