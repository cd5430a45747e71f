//! An org whose triggers tidy up what is written: blanks, letter case of addresses, telephone numbers.
//!
//! Off unless a fault says otherwise. Not here: what every org does to values (`input`).

use super::input::Changes;
use super::schema::{Kind, ObjectSchema};
use super::value::Value;

/// The changes as such an org stores them.
pub(super) fn tidied(schema: &ObjectSchema, changes: Changes) -> Changes {
    let tidy = |(index, value): (usize, Value)| match value {
        Value::Text(text) => (index, Value::text(tidied_text(schema.fields[index].kind, &text))),
        other => (index, other),
    };
    changes.into_iter().map(tidy).collect()
}

fn tidied_text(kind: Kind, text: &str) -> String {
    match kind {
        Kind::Phone => text.chars().filter(|it| it.is_ascii_digit() || *it == '+').collect(),
        Kind::Email | Kind::Url => text.trim().to_lowercase(),
        Kind::Text { .. } => text.split_whitespace().collect::<Vec<_>>().join(" "),
        _ => text.to_owned(),
    }
}
