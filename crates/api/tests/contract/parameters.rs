//! Query parameters: every operation refuses unknown ones and suggests the closest known one.

use crate::document::operations;
use crate::house::{Tenant, bearer, person, start};
use crate::in_process::text;

#[actix_web::test]
async fn every_operation_refuses_unknown_parameters() {
    let service = start().await;
    let tenant = Tenant::open(&service).await;
    let before = service.commits();
    for operation in operations() {
        for query in ["limt=7", "x", "=", "dry_run=true&x=1", "a=1&b=2"] {
            let path = format!("{}?{query}", tenant.path(&operation));
            let request = tenant.request_at(&operation, &path, &tenant.owner);
            let request = request.insert_header(bearer(tenant.token(&service, &operation)));
            let answer = service.send(request).await;
            assert_eq!(answer.status, 400, "{} {path}: {}", operation.method, answer.text());
            answer.refused(400, "invalid_parameter");
        }
    }
    assert!(service.commits() == before, "something was written");
    service.get("/openapi.json?x=1").await.refused(400, "invalid_parameter");
}

#[actix_web::test]
async fn permission_is_checked_before_parameters() {
    let service = start().await;
    let (tenant, stranger) = (Tenant::open(&service).await, person(&service).await);
    for operation in operations().iter().filter(|it| it.path.starts_with("/accounts/{account_id}")) {
        let path = format!("{}?x=1", tenant.path(operation));
        service.send(tenant.request_at(operation, &path, &stranger)).await.refused(401, "unauthenticated");
        let request = tenant.request_at(operation, &path, &stranger).insert_header(bearer(&stranger.login.token));
        service.send(request).await.refused(404, "not_found");
    }
}

#[actix_web::test]
async fn unknown_parameters_are_named_with_the_closest_known_ones() {
    let service = start().await;
    let tenant = Tenant::open(&service).await;
    for (query, expected) in [
        (
            "limt=7",
            r#"There is no parameter "limt" here; the closest is "limit". Known are "cursor", "limit" and "include_deleted"."#,
        ),
        (
            "x=1&includeDeleted=true",
            r#"There are no parameters "x" and "includeDeleted" (the closest is "include_deleted") here. Known are "cursor", "limit" and "include_deleted"."#,
        ),
    ] {
        let answer = tenant.owner.get(&service, &format!("{}/staff?{query}", tenant.account)).await;
        assert_eq!(text(&answer.refused(400, "invalid_parameter")["detail"]), expected);
    }
}
