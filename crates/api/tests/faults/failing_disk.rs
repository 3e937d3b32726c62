//! File operations of a server that fail, once and permanently.

use testkit::disk::{DiskFault, FailingOperation};

use crate::chosen;
use crate::load::{Load, ServerOnDisk};

/// How many bookings are requested before an operation counts as one that does not happen.
const REQUESTS_MAX: usize = 400;

#[test]
fn a_server_survives_failing_writes_syncs_and_truncations() {
    use FailingOperation::{Sync, Truncate, Write};
    let dir = tempfile::tempdir().expect("a directory");
    let on_disk = ServerOnDisk::start(dir.path());
    let load = Load::new(&on_disk.server, 0);
    let sample = [(Write, 1), (Write, 2), (Write, 7), (Write, 40), (Sync, 1), (Sync, 2), (Sync, 5), (Truncate, 1)];
    let all = (1..=200).map(|number| (Write, number)).chain((1..=60).map(|number| (Sync, number)));
    let (mut rounds, mut failed) = (0, 0);
    for (operation, number) in chosen(sample, all.chain([(Truncate, 1)])) {
        for is_lasting in [false, true] {
            let fault = DiskFault::Nth { operation, number, is_lasting };
            let what = format!("{fault:?}");
            on_disk.disk.set_fault(Some(fault));
            load.book_until(&what, |since| {
                let count = since.acknowledged.len() + since.refused.len() + since.unknown.len();
                // Some more requests while the disk fails.
                (on_disk.disk.has_failed() && count > 2 * 4) || count >= REQUESTS_MAX
            });
            rounds += 1;
            failed += usize::from(on_disk.disk.has_failed());
            on_disk.disk.set_fault(None);
            load.book_until(&format!("writes succeed after {what}"), |since| since.acknowledged.len() >= 4);
        }
    }
    let counts = load.answers().counts();
    println!("{rounds} rounds, {failed} with a failed operation: {counts}");
    // Nearly all writes to files are those of a commit.
    assert!(!load.answers().unknown.is_empty(), "no outcome was unknown: {counts}");
    assert!(failed >= rounds - 2, "only {failed} of {rounds} faults have struck");
    load.repeat_unknown();
    let answers = load.answers();
    on_disk.stop_and_compare(&answers);
}
