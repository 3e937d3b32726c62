//! Maintenance: expired rows are removed from the database.

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::rt::time::sleep;
use actix_web::test::TestRequest;
use domain::SignedDuration;
use serde_json::json;
use testkit::fixtures::{FixedClock, NOW};

use crate::house::{bearer, start_by};

/// A generous deadline, for a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

#[actix_web::test]
async fn expired_rows_are_removed() {
    let clock = Arc::new(FixedClock::new(NOW));
    let service = start_by(Arc::clone(&clock)).await;
    let tables = ["api_keys", "idempotency_records", "refresh_tokens", "sessions"];
    let count = || {
        let counts = service.row_counts();
        tables.map(|table| counts[table])
    };
    let before = count();
    // A session with a refresh token, and an API key made with an idempotency key.
    let log_in = TestRequest::post().uri("/token").set_json(json!({"username": "user", "password": "user"}));
    service.send(log_in).await.expect(200);
    let expires_at = (NOW + SignedDuration::from_secs(1)).to_string();
    let create = TestRequest::post().uri("/api-keys").insert_header(bearer(&service.token));
    let create = create.set_json(json!({"name": "Till", "scope": "read", "expires_at": expires_at}));
    service.send(create.insert_header(("idempotency-key", "a-key"))).await.expect(201);
    assert_eq!(count(), before.map(|rows| rows + 1));

    clock.set(NOW + SignedDuration::from_hours(24 * 31));
    service.state.schedule_maintenance();
    let end = Instant::now() + PATIENCE;
    while count() != before {
        assert!(Instant::now() < end, "of {tables:?} there are {:?} instead of {before:?}", count());
        sleep(Duration::from_millis(50)).await;
    }
}
