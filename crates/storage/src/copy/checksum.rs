//! The checksum of a table's rows.

use std::fmt;

use aws_lc_rs::digest::{Context, SHA256};

use crate::tables::Value;

/// The values of a row, in the order of its table's columns.
pub(super) type CopyRow = Vec<Value<'static>>;

/// Appends an encoding of the value. Two lists of values have the same encoding only if they are
/// equal.
fn encode(value: &Value<'_>, out: &mut Vec<u8>) {
    match value {
        Value::Null => out.push(0),
        Value::Bool(is) => out.extend([1, u8::from(*is)]),
        Value::Bytes(bytes) => encode_long(out, 2, bytes),
        Value::Day(day) => {
            out.push(3);
            out.extend(day.year().to_be_bytes());
            out.extend(day.month().to_be_bytes());
            out.extend(day.day().to_be_bytes());
        }
        Value::Instant(instant) => {
            out.push(4);
            out.extend(instant.as_microsecond().to_be_bytes());
        }
        Value::Integer(number) => {
            out.push(5);
            out.extend(number.to_be_bytes());
        }
        Value::Text(text) => encode_long(out, 6, text.as_bytes()),
        Value::Uuid(uuid) => {
            out.push(7);
            out.extend(uuid.as_bytes());
        }
    }
}

fn encode_long(out: &mut Vec<u8>, tag: u8, bytes: &[u8]) {
    out.push(tag);
    out.extend((bytes.len() as u64).to_be_bytes());
    out.extend(bytes);
}

/// The SHA-256 of a table's rows, in the order of its key. It depends on the values alone, not on
/// the database.
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct Checksum([u8; 32]);

impl fmt::Display for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// Computes the checksum of a table, row by row.
pub(super) struct ChecksumBuilder {
    context: Context,
    buffer: Vec<u8>,
    rows: u64,
}

impl ChecksumBuilder {
    pub(super) fn new() -> Self {
        Self { context: Context::new(&SHA256), buffer: Vec::new(), rows: 0 }
    }

    pub(super) fn add(&mut self, row: &[Value<'_>]) {
        self.buffer.clear();
        for value in row {
            encode(value, &mut self.buffer);
        }
        self.context.update(&self.buffer);
        self.rows += 1;
    }

    /// The number of rows and their checksum.
    pub(super) fn finish(self) -> (u64, Checksum) {
        let mut checksum = [0; 32];
        checksum.copy_from_slice(self.context.finish().as_ref());
        (self.rows, Checksum(checksum))
    }
}

#[cfg(test)]
mod tests {
    use domain::{Date, Timestamp, Uuid};

    use super::*;

    fn sum(rows: &[&[Value<'_>]]) -> Checksum {
        let mut builder = ChecksumBuilder::new();
        for row in rows {
            builder.add(row);
        }
        builder.finish().1
    }

    #[test]
    fn other_values_orders_or_borders_have_other_checksums() {
        let text = |text: &'static str| Value::from(text);
        let sums = [
            sum(&[]),
            sum(&[&[text("ab"), text("c")]]),
            sum(&[&[text("a"), text("bc")]]),
            sum(&[&[text("c"), text("ab")]]),
            sum(&[&[text("ab"), Value::Null]]),
            sum(&[&[text("ab"), text("")]]),
            sum(&[&[Value::from(b"ab".as_slice()), text("c")]]),
            sum(&[&[Value::Integer(1)]]),
            sum(&[&[Value::Integer(-1)]]),
            sum(&[&[Value::Bool(true)]]),
            sum(&[&[Value::Bool(false)]]),
            sum(&[&[Value::Day(Date::constant(2026, 3, 20))]]),
            sum(&[&[Value::Day(Date::constant(2026, 3, 21))]]),
            sum(&[&[Value::Instant(Timestamp::UNIX_EPOCH)]]),
            sum(&[&[Value::Uuid(Uuid::nil())]]),
            sum(&[&[Value::Uuid(Uuid::max())]]),
        ];
        for (index, one) in sums.iter().enumerate() {
            assert!(!sums[..index].contains(one), "{index}");
        }
        assert_eq!(sum(&[&[text("ab"), text("c")]]), sums[1]);
        assert!(sums[0].to_string().starts_with("e3b0c442"));
    }
}
