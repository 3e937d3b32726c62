//! A record of file operations, and the files that a power cut during them leaves.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// A disk writes this much atomically.
const SECTOR: usize = 512;

/// The operations on the files of a disk, in order.
pub struct Record(Vec<RecordedStep>);

struct RecordedStep {
    name: String,
    operation: DiskOperation,
}

enum DiskOperation {
    Write { offset: usize, data: Vec<u8> },
    Truncate { length: usize },
    Sync,
    Remove,
}

impl Record {
    pub(super) fn parse(mut bytes: &[u8]) -> Self {
        let mut steps = Vec::new();
        while !bytes.is_empty() {
            let [operation, name_length] = [number(&mut bytes, 4), number(&mut bytes, 4)];
            let [offset, length] = [number(&mut bytes, 8), number(&mut bytes, 8)];
            let name = String::from_utf8_lossy(part(&mut bytes, name_length)).into_owned();
            let data = part(&mut bytes, length).to_vec();
            let operation = match operation {
                1 => DiskOperation::Write { offset, data },
                2 => DiskOperation::Truncate { length: offset },
                3 => DiskOperation::Sync,
                4 => DiskOperation::Remove,
                other => panic!("no operation has the number {other}"),
            };
            steps.push(RecordedStep { name, operation });
        }
        Self(steps)
    }

    /// The number of steps.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no steps.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The number of steps up to the first write to the file.
    #[must_use]
    pub fn first_write_to(&self, name: &str) -> Option<usize> {
        let is_write = |step: &RecordedStep| step.name == name && matches!(step.operation, DiskOperation::Write { .. });
        self.0.iter().position(is_write).map(|index| index + 1)
    }

    /// Replays the record from its beginning.
    #[must_use]
    pub const fn replay(&self) -> Replay<'_> {
        Replay { record: self, steps: 0, files: BTreeMap::new() }
    }
}

/// A disk during the replay of a [`Record`].
pub struct Replay<'a> {
    record: &'a Record,
    /// How many steps have been replayed.
    steps: usize,
    files: BTreeMap<&'a str, File<'a>>,
}

impl Replay<'_> {
    /// Replays up to this number of steps; a replay never goes back.
    ///
    /// # Panics
    /// If it is already further, or the record is shorter.
    pub fn advance_to(&mut self, steps: usize) {
        for RecordedStep { name, operation } in &self.record.0[self.steps..steps] {
            if matches!(operation, DiskOperation::Remove) {
                self.files.remove(name.as_str());
            } else {
                self.files.entry(name).or_default().add(operation);
            }
        }
        self.steps = steps;
    }

    /// Writes into `directory` the files that a power cut now leaves: everything that was synced,
    /// and of each later write all, nothing or some sectors.
    ///
    /// # Panics
    /// If a file cannot be written.
    pub fn cut_power(&self, rng: &mut Rng, directory: &Path) {
        for (name, file) in &self.files {
            fs::write(directory.join(name), file.after_power_cut(rng)).expect("a file can be written");
        }
    }

    /// The content of a file, synced or not.
    #[must_use]
    pub fn contents(&self, name: &str) -> Vec<u8> {
        self.files.get(name).map(File::contents).unwrap_or_default()
    }
}

fn part<'a>(bytes: &mut &'a [u8], length: usize) -> &'a [u8] {
    let (part, rest) = bytes.split_at(length);
    *bytes = rest;
    part
}

fn number(bytes: &mut &[u8], length: usize) -> usize {
    let mut number = [0; size_of::<usize>()];
    number[..length].copy_from_slice(part(bytes, length));
    usize::from_ne_bytes(number)
}

/// The content on the disk, and the operations since the last sync.
#[derive(Default)]
struct File<'a> {
    durable: Vec<u8>,
    pending: Vec<&'a DiskOperation>,
}

impl<'a> File<'a> {
    fn add(&mut self, operation: &'a DiskOperation) {
        match operation {
            DiskOperation::Sync => {
                for operation in self.pending.drain(..) {
                    apply(&mut self.durable, operation);
                }
            }
            _ => self.pending.push(operation),
        }
    }

    fn contents(&self) -> Vec<u8> {
        let mut bytes = self.durable.clone();
        for operation in &self.pending {
            apply(&mut bytes, operation);
        }
        bytes
    }

    fn after_power_cut(&self, rng: &mut Rng) -> Vec<u8> {
        let mut bytes = self.durable.clone();
        // One of three kinds of disk: it has written everything, nothing, or any part.
        let share = rng.below(5);
        for operation in &self.pending {
            let DiskOperation::Write { offset, data } = operation else {
                if rng.below(4) < share {
                    apply(&mut bytes, operation);
                }
                continue;
            };
            for (number, sector) in data.chunks(SECTOR).enumerate() {
                if rng.below(4) < share {
                    write(&mut bytes, offset + number * SECTOR, sector);
                }
            }
        }
        bytes
    }
}

fn apply(bytes: &mut Vec<u8>, operation: &DiskOperation) {
    match operation {
        DiskOperation::Write { offset, data } => write(bytes, *offset, data),
        DiskOperation::Truncate { length } => bytes.resize(*length, 0),
        DiskOperation::Sync | DiskOperation::Remove => {}
    }
}

fn write(bytes: &mut Vec<u8>, offset: usize, data: &[u8]) {
    let end = offset + data.len();
    if bytes.len() < end {
        bytes.resize(end, 0);
    }
    bytes[offset..end].copy_from_slice(data);
}

/// A deterministic pseudo-random generator (`SplitMix64`).
pub struct Rng(u64);

impl Rng {
    /// The generator of a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number from 0 to `end`, exclusive.
    ///
    /// # Panics
    /// If `end` is 0.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let end = u64::try_from(end).expect("it fits");
        usize::try_from((mixed ^ (mixed >> 31)) % end).expect("it is below a usize")
    }
}
