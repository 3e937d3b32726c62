//! The readiness check: it writes one row to learn whether writes succeed.

use std::time::{Duration, Instant};

use actix_web::rt::time::timeout;
use domain::Timestamp;
use domain::error::StorageError;
use domain::ports::Store;
use storage::AnyStore;
use tokio::sync::Mutex;

/// How long the result of a check is valid.
const TTL: Duration = Duration::from_secs(1);
/// How long the write may take: orchestrators wait for a few seconds.
const TIMEOUT: Duration = Duration::from_secs(2);

/// The result of the last check. At most one check runs per [second](TTL), however many requests
/// arrive.
#[derive(Default)]
pub(crate) struct Readiness(Mutex<Option<WriteCheck>>);

struct WriteCheck {
    at: Instant,
    result: Result<(), String>,
}

impl Readiness {
    /// Checks whether writes succeed, or returns why they do not.
    pub(crate) async fn check(&self, store: &AnyStore, now: impl Fn() -> Timestamp) -> Result<(), String> {
        if !store.is_open() {
            return Err("the store is closed".to_owned());
        }
        // Requests that arrive during a check wait for its result.
        let check = async {
            let mut last = self.0.lock().await;
            if let Some(check) = last.as_ref().filter(|check| check.at.elapsed() < TTL) {
                return check.result.clone();
            }
            let at = now();
            let written = store.write::<_, StorageError>(move |tx| tx.put_write_probe(at)).await;
            let result = written.map_err(|error| error.to_string());
            *last = Some(WriteCheck { at: Instant::now(), result: result.clone() });
            result
        };
        match timeout(TIMEOUT, check).await {
            Ok(result) => result,
            Err(_) => Err(format!("the database does not answer within {TIMEOUT:?}")),
        }
    }
}
