//! A disk that fills up under load, with more and less space left.

use testkit::disk::DiskFault;

use crate::chosen;
use crate::load::{Load, ServerOnDisk};

const KIB: u64 = 1024;

#[test]
fn a_server_survives_a_full_disk_at_any_level() {
    let dir = tempfile::tempdir().expect("a directory");
    let on_disk = ServerOnDisk::start(dir.path());
    let load = Load::new(&on_disk.server, 1000);
    let sample = [0, 1, 5, 24, 100, 500, 2000];
    let all = (0..64).step_by(4).chain((64..4096).step_by(256));
    let levels = chosen(sample, all);
    for left in &levels {
        let what = format!("{left} KiB are left");
        on_disk.disk.set_fault(Some(DiskFault::Space(on_disk.disk.bytes() + left * KIB)));
        load.book_until(&what, |since| since.refused.len() >= 12);
        // Space is freed, and no more is done.
        on_disk.disk.set_fault(None);
        load.book_until(&format!("writes succeed after {what}"), |since| since.acknowledged.len() >= 4);
    }
    let answers = load.answers();
    println!("{} levels: {}", levels.len(), answers.counts());
    assert!(answers.unknown.is_empty(), "a full disk is known to have written nothing: {answers:?}");
    on_disk.stop_and_compare(&answers);
}
