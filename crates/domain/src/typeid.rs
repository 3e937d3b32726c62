//! The `TypeID` text form of an id: a type prefix, `_`, and a UUID in 26 characters of Crockford's
//! base 32.
//!
//! It follows the [TypeID specification 0.3](https://github.com/jetify-com/typeid/tree/main/spec).
//! The published crates depend on a clock and a random generator, which this crate must not
//! (`docs/adr/0003-ids.md`).

use uuid::Uuid;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const SUFFIX_LENGTH: usize = 26;
const BITS_PER_CHARACTER: usize = 5;

/// Encodes a UUID as the 26-character suffix of a `TypeID`.
pub(crate) fn encode(uuid: Uuid) -> [u8; SUFFIX_LENGTH] {
    let bits = uuid.as_u128();
    std::array::from_fn(|position| {
        let shift = (SUFFIX_LENGTH - 1 - position) * BITS_PER_CHARACTER;
        ALPHABET[(bits >> shift) as usize & 31]
    })
}

/// Decodes a 26-character suffix; `None` for a text that [`encode`] does not produce, upper case
/// included.
pub(crate) fn decode(suffix: &str) -> Option<Uuid> {
    let suffix = suffix.as_bytes();
    // 26 characters hold 130 bits: a first character past '7' would overflow the UUID's 128.
    if suffix.len() != SUFFIX_LENGTH || suffix[0] > b'7' {
        return None;
    }
    let mut bits = 0_u128;
    for character in suffix {
        let value = ALPHABET.iter().position(|known| known == character)?;
        bits = bits << BITS_PER_CHARACTER | value as u128;
    }
    Some(Uuid::from_u128(bits))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// From the specification's `valid.json`.
    const VALID: [(&str, &str); 6] = [
        ("00000000000000000000000000", "00000000-0000-0000-0000-000000000000"),
        ("00000000000000000000000001", "00000000-0000-0000-0000-000000000001"),
        ("0000000000000000000000000g", "00000000-0000-0000-0000-000000000010"),
        ("7zzzzzzzzzzzzzzzzzzzzzzzzz", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
        ("0123456789abcdefghjkmnpqrs", "0110c853-1d09-52d8-d73e-1194e95b5f19"),
        ("01h455vb4pex5vsknk084sn02q", "01890a5d-ac96-774b-bcce-b302099a8057"),
    ];

    #[test]
    fn the_examples_of_the_specification_round_trip() {
        for (suffix, uuid) in VALID {
            let uuid: Uuid = uuid.parse().unwrap();
            assert_eq!(decode(suffix), Some(uuid), "{suffix}");
            assert_eq!(encode(uuid), suffix.as_bytes(), "{suffix}");
        }
    }

    #[test]
    fn invalid_examples_of_the_specification_are_refused() {
        for suffix in [
            "",
            "1234567890123456789012345",
            "123456789012345678901234567",
            "8zzzzzzzzzzzzzzzzzzzzzzzzz",
            "01H455VB4PEX5VSKNK084SN02Q",
            "01h455vb4pex5vsknk084sn02l",
            "01h455vb4pex5vsknk084sn0 q",
            "ééééééééééééé",
        ] {
            assert_eq!(decode(suffix), None, "{suffix}");
        }
    }

    proptest! {
        #[test]
        fn every_uuid_round_trips(bits: u128) {
            let suffix = encode(Uuid::from_u128(bits));
            prop_assert_eq!(decode(std::str::from_utf8(&suffix).unwrap()), Some(Uuid::from_u128(bits)));
        }
    }
}
