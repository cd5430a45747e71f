//! Ids of Salesforce records.
//!
//! Here: the two spellings, 15 characters and 18 with a checksum. We keep 18, compared case-sensitively.
//! Not here: which object an id belongs to; key prefixes are the org's business.

use std::fmt;
use std::str::FromStr;

/// The alphabet of the check characters: five bits each.
const CHECK_ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";

/// An id in its spelling of 18 characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId(String);

/// A text that is no id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no Salesforce id; it has 15 letters and digits, or 18 with a right checksum")]
pub struct InvalidRecordId(String);

impl RecordId {
    /// The 18 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for RecordId {
    type Err = InvalidRecordId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refuse = || InvalidRecordId(text.chars().take(18).collect());
        if !matches!(text.len(), 15 | 18) || !text.bytes().all(|it| it.is_ascii_alphanumeric()) {
            return Err(refuse());
        }
        let (short, given) = text.split_at(15);
        let check = checksum(short);
        match given.is_empty() || given == check {
            true => Ok(Self(format!("{short}{check}"))),
            false => Err(refuse()),
        }
    }
}

impl From<RecordId> for String {
    fn from(id: RecordId) -> Self {
        id.0
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Three characters that say which of the fifteen are upper-case, five at a time, the first in the lowest bit.
fn checksum(short: &str) -> String {
    let check = |group: &[u8]| {
        let bits = group.iter().enumerate().map(|(bit, it)| usize::from(it.is_ascii_uppercase()) << bit);
        char::from(CHECK_ALPHABET[bits.sum::<usize>()])
    };
    short.as_bytes().chunks(5).map(check).collect()
}

#[cfg(test)]
mod tests {
    use super::RecordId;

    #[test]
    fn fifteen_characters_become_eighteen() {
        let published = [
            ("001A0000006Vm9r", "001A0000006Vm9rIAC"),
            ("003D000000QV9n2", "003D000000QV9n2IAD"),
            ("00Q5g000001abCD", "00Q5g000001abCDEAY"),
            ("0065g00000XyZab", "0065g00000XyZabAAF"),
            ("00D000000000062", "00D000000000062EAA"),
            ("a0B1t00000Abcde", "a0B1t00000AbcdeEAB"),
        ];
        for (short, long) in published {
            assert_eq!(short.parse::<RecordId>().unwrap().as_str(), long);
            assert_eq!(long.parse::<RecordId>().unwrap().as_str(), long);
        }
    }

    #[test]
    fn what_is_no_id_is_refused() {
        for given in
            ["", "001", "001A0000006Vm9rIAD", "001a0000006vm9rIAC", "001A0000006Vm9'", "001A0000006Vm9rI"]
        {
            assert!(given.parse::<RecordId>().is_err(), "{given}");
        }
    }
}
