//! What a source says of a record, taken as a whole: one text for equal content, and the part that is about no person.

use domain::sources::{SourceRecord, Values};

/// One text for equal content. The stamp does not count: a source may touch a record without changing it.
pub(super) fn content_hash(record: &SourceRecord) -> String {
    let mut hasher = blake3::Hasher::new();
    for (field, value) in record.values.iter() {
        hasher.update(field.name().as_bytes());
        hasher.update(if value.is_some() { b"\x1f=" } else { b"\x1f0" });
        hasher.update(value.unwrap_or_default().as_bytes());
        hasher.update(b"\x1e");
    }
    hasher.update(&[u8::from(record.is_deleted)]);
    hasher.update(record.merged_into.as_deref().unwrap_or_default().as_bytes());
    hasher.finalize().to_hex()[..32].to_owned()
}

/// What is said of anything but a person.
pub(super) fn impersonal(values: &Values) -> Values {
    let others = values.iter().filter(|(field, _)| !field.is_personal());
    others.map(|(field, value)| (field, value.map(str::to_owned))).collect()
}
