//! What belongs to another tenant answers like what does not exist.

use actix_web::http::header::{HeaderName, HeaderValue};

use crate::document::operations;
use crate::house::{Tenant, bearer, start};

#[actix_web::test]
async fn another_tenants_resource_answers_exactly_like_a_missing_one() {
    let service = start().await;
    let (tenant, other) = (Tenant::open(&service).await, Tenant::open(&service).await);
    let (_, key) = other.owner.api_key(&service, "admin", None).await;
    let before = service.commits();
    let mut compared = 0;
    for operation in operations().iter().filter(|it| !it.path_parameters().is_empty()) {
        for token in [&other.owner.login.token, &key] {
            let path = tenant.path(operation);
            let parameter = operation.path_parameters()[0];
            let (prefix, _) = parameter.split_once("_id").expect("a parameter is an id");
            let id = if prefix == "account" { "acct" } else { "key" };
            let missing = path.replace(&tenant.id(parameter), &format!("{id}_00000000000000000000000000"));
            let mut answers = Vec::new();
            for path in [&path, &missing] {
                let request = tenant.request_at(operation, path, &other.owner).insert_header(bearer(token));
                let answer = service.send(request.insert_header(("x-request-id", "the-same"))).await;
                let mut headers: Vec<_> = answer.headers.iter().map(header).collect();
                headers.sort();
                assert!([403, 404].contains(&answer.status), "{} {path}", operation.method);
                answers.push((answer.status, headers, answer.body));
            }
            assert_eq!(answers[0], answers[1], "{} {path}", operation.method);
            compared += 1;
        }
    }
    assert!(compared >= 30, "{compared}");
    assert!(service.commits() == before, "something was written");
}

fn header((name, value): (&HeaderName, &HeaderValue)) -> (String, Vec<u8>) {
    (name.to_string(), value.as_bytes().to_vec())
}
