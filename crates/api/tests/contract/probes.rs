//! Liveness and readiness probes.

use std::sync::{Arc, Mutex, mpsc};

use actix_web::http::Method;
use actix_web::test::TestRequest;
use domain::error::StorageError;
use domain::ports::Store;
use serde_json::json;

use crate::house::start;
use crate::in_process::{Answer, Service};

async fn probe(service: &Service, method: Method, path: &str) -> Answer {
    service.send(TestRequest::with_uri(path).method(method)).await
}

#[actix_web::test]
async fn a_service_with_a_responsive_database_is_ready() {
    let service = start().await;
    let answer = probe(&service, Method::GET, "/readyz").await;
    assert_eq!(answer.expect(200), json!({"status": "ready"}));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(probe(&service, Method::HEAD, "/readyz").await.status, 200);
}

#[actix_web::test]
async fn a_service_with_an_unresponsive_database_is_healthy_but_not_ready() {
    let service = start().await;
    let (release, released) = mpsc::channel::<()>();
    let released = Arc::new(Mutex::new(released));
    // As many units as any store runs at once, all blocked.
    let hold = |_| {
        let released = Arc::clone(&released);
        service.state.store.write(move |_| {
            // The channel carries no message: `recv` returns when the sender is dropped.
            let _ = released.lock().expect("no unit panics").recv();
            Ok::<_, StorageError>(())
        })
    };
    let units: Vec<_> = (0..32).map(hold).collect();
    let answer = probe(&service, Method::GET, "/readyz").await;
    answer.refused(503, "unavailable");
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert_eq!(probe(&service, Method::GET, "/health").await.expect(200), json!({"status": "ok"}));
    drop(release);
    for unit in units {
        unit.await.expect("the unit ends");
    }
    probe(&service, Method::GET, "/readyz").await.expect(200);
}
