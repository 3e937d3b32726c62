//! SQLite alone: the same statements from one thread, without HTTP and without a queue.

use std::path::Path;
use std::time::{Duration, Instant};

use api::clock::{SystemClock, UuidV7Generator};
use domain::ports::{Clock, IdGenerator};
use domain::{BookingId, PlanCatalog};
use storage::sqlite::{open_writer, run_in_transaction};

use crate::ACCOUNTS;
use crate::fixture;
use crate::servers::book;

const TIME: Duration = Duration::from_secs(6);

/// Bookings per second with a commit for every `batch` of them.
pub(crate) fn rate(dir: &Path, batch: usize) -> f64 {
    let database = dir.join(format!("raw-{batch}.db"));
    let fixture = fixture::fill(&format!("sqlite://{}", database.display()), ACCOUNTS, 0);
    let connection = open_writer(&database).expect("the database");
    let command = |sql| connection.prepare_cached(sql).and_then(|mut statement| statement.execute([])).expect(sql);
    let catalog = PlanCatalog::builtin();
    let mut made = 0_u32;
    let begin = Instant::now();
    while begin.elapsed() < TIME {
        command("BEGIN IMMEDIATE");
        for _ in 0..batch {
            let account = fixture.next_account();
            let (id, now) = (BookingId::from_uuid(UuidV7Generator.next_uuid()), SystemClock.now());
            run_in_transaction(&connection, |tx| book(tx, &catalog, &fixture::owner(), account, id, now))
                .expect("room");
            made += 1;
        }
        command("COMMIT");
    }
    f64::from(made) / begin.elapsed().as_secs_f64()
}
