//! Record ids: key prefix, instance, counter, and the three check characters.
//!
//! Here: the short form we keep (object and counter), both printed forms, reading either.
//! Not here: whether a record of that id exists (`table`).

use std::fmt;

use super::schema::Object;

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const CHECK: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
/// The two instance characters and the reserved one, the same in every id of this org.
const INSTANCE: &[u8; 3] = b"5g0";

/// A well-formed id in its 15-character form: of this org or of any other.
pub(crate) type Id15 = [u8; 15];

/// The id of a record of this org.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct RecordId {
    pub(crate) object: Object,
    /// Counts from 1 within the object. Ids of one object sort as their numbers do.
    pub(crate) number: u32,
}

impl RecordId {
    pub(crate) fn new(object: Object, number: u32) -> RecordId {
        RecordId { object, number }
    }

    /// The 18 characters, as every answer carries them.
    pub(crate) fn to_bytes(self) -> [u8; 18] {
        with_check(&self.to_short())
    }

    /// The first 15 characters.
    pub(crate) fn to_short(self) -> Id15 {
        printed(self.object.key_prefix(), self.number)
    }

    /// Reads either form. `None` when malformed, or when the id cannot be one of this org.
    pub(crate) fn parse(text: &str) -> Option<RecordId> {
        RecordId::from_short(&read(text)?)
    }

    /// The record a well-formed id names, if it is an id this org could have given.
    pub(crate) fn from_short(id: &Id15) -> Option<RecordId> {
        let object = Object::ALL.into_iter().find(|it| it.key_prefix().as_bytes() == &id[..3])?;
        if &id[3..6] != INSTANCE {
            return None;
        }
        let number = id[6..].iter().try_fold(0u64, |number, digit| {
            let value = DIGITS.iter().position(|it| it == digit)? as u64;
            Some(number * 62 + value)
        })?;
        Some(RecordId { object, number: u32::try_from(number).ok()? })
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(ascii(&self.to_bytes()))
    }
}

/// An 18-character id outside the seven objects, such as the organization's (`00D`).
pub(crate) fn foreign(prefix: &str, number: u32) -> String {
    ascii(&with_check(&printed(prefix, number))).to_owned()
}

/// Reads 15 or 18 characters; the check characters of the long form must be right.
pub(crate) fn read(text: &str) -> Option<Id15> {
    let bytes = text.as_bytes();
    let short: Id15 = bytes.get(..15)?.try_into().ok()?;
    let well_formed = short.iter().all(u8::is_ascii_alphanumeric)
        && match bytes.len() {
            15 => true,
            18 => with_check(&short) == bytes,
            _ => false,
        };
    well_formed.then_some(short)
}

fn printed(prefix: &str, number: u32) -> Id15 {
    let mut id = [b'0'; 15];
    id[..3].copy_from_slice(prefix.as_bytes());
    id[3..6].copy_from_slice(INSTANCE);
    let mut rest = number as usize;
    for place in id[6..].iter_mut().rev() {
        *place = DIGITS[rest % 62];
        rest /= 62;
    }
    id
}

/// In each group of five the upper-case letters set bits, the first character the lowest one.
fn with_check(short: &Id15) -> [u8; 18] {
    let mut id = [0; 18];
    id[..15].copy_from_slice(short);
    for group in 0..3 {
        let bits =
            (0..5).filter(|k| short[group * 5 + k].is_ascii_uppercase()).map(|k| 1 << k).sum::<usize>();
        id[15 + group] = CHECK[bits];
    }
    id
}

fn ascii(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("ids are ASCII")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_characters_are_the_published_ones() {
        for (short, long) in [
            ("001A0000006Vm9r", "001A0000006Vm9rIAC"),
            ("003D000000QV9n2", "003D000000QV9n2IAD"),
            ("00Q5g000001abCD", "00Q5g000001abCDEAY"),
            ("0065g00000XyZab", "0065g00000XyZabAAF"),
            ("00D000000000062", "00D000000000062EAA"),
            ("a0B1t00000Abcde", "a0B1t00000AbcdeEAB"),
        ] {
            let id = read(short).expect("well formed");
            assert_eq!(ascii(&with_check(&id)), long);
            assert_eq!(read(long), Some(id));
        }
    }

    #[test]
    fn a_wrong_check_character_is_malformed() {
        assert_eq!(read("001A0000006Vm9rIAD"), None);
        assert_eq!(read("001A0000006Vm9rI"), None);
        assert_eq!(read("001A0000006Vm9!"), None);
        assert_eq!(read("００１A0000006Vm"), None);
    }

    #[test]
    fn both_forms_name_the_same_record() {
        let id = RecordId::new(Object::Lead, 4_000_000_000);
        assert_eq!(RecordId::parse(&id.to_string()), Some(id));
        assert_eq!(RecordId::parse(&id.to_string()[..15]), Some(id));
        assert_eq!(RecordId::parse("001A0000006Vm9r"), None, "another org's id");
    }

    #[test]
    fn printed_ids_sort_as_their_numbers() {
        let ids =
            [1, 9, 10, 35, 36, 61, 62, 63, 4_000_000].map(|n| RecordId::new(Object::Lead, n).to_string());
        assert!(ids.is_sorted());
    }
}
