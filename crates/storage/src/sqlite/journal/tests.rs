//! Two processes and their readers, on a journal that goes round again and again.

use std::path::Path;

use domain::ports::{Accounts, Audit, Bookings, ReadAccounts, ReadAudit, ReadBookings};
use domain::{Account, AuditEntryId, Booking, BookingFilter, BookingId, Date, UserId};
use testkit::fixtures::{CountingIds, NOW, account, audit_entry, booking, name};

use super::*;
use crate::sqlite::connection::{configure_reader, open_writer, reader_flags};
use crate::sqlite::tx::SqliteTx;
use crate::sqlite::verify::verify;
use crate::sqlite::{schema, writer};

const DAY: Date = Date::constant(2026, 3, 29);
const STEPS: usize = 500;

/// What one process has of the database.
struct Process {
    connection: Connection,
    journal: Shared,
    batch: Batch,
}

impl Process {
    fn open(path: &Path) -> Self {
        let connection = open_writer(path).unwrap();
        // Nobody pulls the plug here.
        connection.pragma_update(None, "synchronous", "OFF").unwrap();
        let journal = Journal::open(&connection).unwrap();
        Self { connection, batch: Batch::new(Arc::clone(&journal)), journal }
    }

    fn run(&self, sql: &str) {
        self.connection.execute_batch(sql).unwrap();
    }

    fn begin(&mut self) {
        self.run("BEGIN IMMEDIATE");
        self.batch.begin(&self.connection).unwrap();
    }

    fn unit(&mut self, is_kept: bool, work: impl FnOnce(&mut SqliteTx<'_>)) {
        self.run("SAVEPOINT unit");
        let mut tx = SqliteTx::of_batch(&self.connection, &mut self.batch);
        work(&mut tx);
        tx.finish().unwrap();
        self.batch.end_unit(is_kept);
        self.run(if is_kept { "RELEASE unit" } else { "ROLLBACK TO unit; RELEASE unit" });
    }

    fn end(&mut self, is_committed: bool) {
        self.batch.finish(&self.connection, Fold::InStep).unwrap();
        if is_committed {
            self.run("COMMIT");
            self.batch.committed();
        } else {
            self.run("ROLLBACK");
        }
    }
}

/// What there has to be of an account: its bookings, and the newest entry of its audit.
#[derive(Clone)]
struct Salon {
    account: Account,
    bookings: Vec<Booking>,
    entry: Option<AuditEntryId>,
}

#[derive(Clone)]
struct Expected(Vec<Salon>);

impl Expected {
    fn assert(&self, tx: &mut SqliteTx<'_>, when: &str) {
        for Salon { account, bookings, entry } in &self.0 {
            let id = &account.id;
            assert_eq!(tx.find_account(*id).as_ref(), Ok(&Some(account.clone())), "{when}");
            let present = bookings.iter().rev().filter(|booking| booking.deleted_at.is_none());
            let present: Vec<BookingId> = present.map(|booking| booking.id).collect();
            let listed = tx.list_bookings(*id, &BookingFilter::default(), None, STEPS).unwrap();
            assert_eq!(listed.iter().map(|booking| booking.id).collect::<Vec<_>>(), present, "{when}");
            assert_eq!(tx.count_bookings_on(*id, DAY), Ok(u32::try_from(present.len()).unwrap()), "{when}");
            let audit = tx.list_audit(*id, None, 1).unwrap();
            assert_eq!(audit.first().map(|it| it.id), *entry, "{when}");
        }
    }
}

/// A connection that reads, and what its snapshot has to have.
struct Reader {
    connection: Connection,
    expected: Option<Expected>,
}

impl Reader {
    fn open(path: &Path) -> Self {
        let connection = Connection::open_with_flags(path, reader_flags()).unwrap();
        configure_reader(&connection).unwrap();
        Self { connection, expected: None }
    }

    fn begin(&mut self, expected: &Expected) {
        self.end();
        // A snapshot begins when it is first looked at.
        self.connection.execute_batch("BEGIN; SELECT count(*) FROM sqlite_schema").unwrap();
        self.expected = Some(expected.clone());
    }

    fn end(&mut self) {
        if self.expected.take().is_some() {
            self.connection.execute_batch("ROLLBACK").unwrap();
        }
    }

    fn assert(&self, journal: &Mutex<Journal>, when: &str) {
        let mut tx = SqliteTx::of_snapshot(&self.connection, Snapshot::new(journal));
        self.expected.as_ref().unwrap().assert(&mut tx, when);
    }
}

/// Numbers that look random, the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }
}

#[test]
fn every_snapshot_has_what_was_committed_before_it_whoever_committed_and_whoever_reads() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("test.db");
    schema::migrate(&mut open_writer(&path).unwrap(), &path).unwrap();
    let (ids, mut numbers) = (CountingIds::default(), Numbers(1));
    let user = ids.user();
    let mut processes = [(); 2].map(|()| Process::open(&path));
    let salon = || Salon { account: account(ids.account()), bookings: Vec::new(), entry: None };
    let mut expected = Expected((0..60).map(|_| salon()).collect());
    processes[0].begin();
    for salon in &expected.0 {
        processes[0].unit(true, |tx| tx.insert_account(&salon.account).unwrap());
    }
    processes[0].end(true);
    // The journal goes round before the second process looks into it, and cannot hold all that is needed.
    for salon in &mut expected.0 {
        processes[0].begin();
        for _ in 0..6 {
            processes[0].unit(true, |tx| do_something(tx, &ids, user, &mut numbers, salon));
        }
        processes[0].end(true);
    }
    // The youngest snapshot is of the last commit, the oldest of a time before the journal went round.
    let mut readers = [1, 2, 9, 150].map(|age| (age, Reader::open(&path)));
    for step in 0..STEPS {
        // The second process does nothing while the journal goes round several times, then comes back.
        let is_alone = (200..400).contains(&step);
        let process = &mut processes[if is_alone { 0 } else { step / 20 % 2 }];
        let (is_committed, before) = (numbers.below(12) > 0, expected.clone());
        process.begin();
        for _ in 0..=numbers.below(3) {
            // One account in three is the first.
            let index = if numbers.below(3) == 0 { 0 } else { numbers.below(expected.0.len()) };
            let (is_kept, mut now) = (numbers.below(9) > 0, expected.0[index].clone());
            process.unit(is_kept, |tx| do_something(tx, &ids, user, &mut numbers, &mut now));
            if is_kept {
                expected.0[index] = now;
            }
        }
        process.end(is_committed);
        if !is_committed {
            expected = before;
        }
        for (age, reader) in &mut readers {
            if step % *age == 0 {
                reader.begin(&expected);
            }
            let journal = &processes[if is_alone { 0 } else { numbers.below(2) }].journal;
            reader.assert(journal, &format!("step {step}, a snapshot that is renewed every {age} steps"));
        }
        if step % 100 == 0 {
            assert_eq!(verify(&mut Reader::open(&path).connection), Ok(Vec::new()), "step {step}");
            // Whoever comes now, as after a crash, has it all.
            let mut newcomer = Reader::open(&path);
            newcomer.begin(&expected);
            newcomer.assert(&Process::open(&path).journal, &format!("step {step}, from the beginning"));
        }
    }
    for (_, reader) in &mut readers {
        reader.end();
    }
    let rows: i64 =
        processes[0].connection.query_row("SELECT count(*) FROM account_journal", [], |row| row.get(0)).unwrap();
    assert_eq!(rows, super::rows::ROWS, "the journal has as many rows as ever");
    for process in &mut processes {
        writer::fold(&process.connection, &mut process.batch).unwrap();
        // All is in the accounts' rows, and nothing of it elsewhere.
        process.run("BEGIN");
        expected.assert(&mut SqliteTx::new(&process.connection), "the accounts' rows");
        process.run("ROLLBACK");
        assert!(Journal::load(&process.connection).unwrap().states.is_empty());
    }
    assert_eq!(verify(&mut processes[0].connection), Ok(Vec::new()));
}

/// A booking is made or, one time in five, removed, and the account gets another name now and then; with an entry in the audit.
fn do_something(
    tx: &mut SqliteTx<'_>,
    ids: &CountingIds,
    user: UserId,
    numbers: &mut Numbers,
    Salon { account, bookings, entry }: &mut Salon,
) {
    assert_eq!(tx.find_account(account.id).as_ref(), Ok(&Some(account.clone())));
    if numbers.below(6) == 0 {
        let renamed = Account { name: name(&format!("Salon {}", numbers.below(99))), ..account.clone() };
        tx.update_account(&renamed).unwrap();
        *account = renamed;
    }
    let id = &account.id;
    if numbers.below(5) == 0 && !bookings.is_empty() {
        let index = numbers.below(bookings.len());
        bookings[index].deleted_at = Some(NOW);
        tx.update_booking(&bookings[index]).unwrap();
    } else {
        let new = booking(*id, ids.booking(), DAY);
        tx.insert_booking(&new).unwrap();
        bookings.push(new);
    }
    let appended = audit_entry(ids.audit_entry(), Some(*id), user);
    tx.append_audit(&appended).unwrap();
    *entry = Some(appended.id);
}
