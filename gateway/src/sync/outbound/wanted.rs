//! What a record is to say: fields with their values, as the outbox keeps them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::fields::{Field, RecordKind};
use domain::sources::{SourceKey, Values};
use mastering::equivalence;
use mastering::survivorship::field_states::FieldStates;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// One value that a record is to have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Wish {
    /// The value; `None` is empty.
    pub(super) value: Option<String>,
    /// Since when it is served.
    pub(super) since: DateTime<Utc>,
    /// Who asked for it, where it is not served until the system has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) asked_by: Option<String>,
    /// What the system said when it was asked for: it is not written over anything else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) over: Option<Said>,
    /// The record that a reference of a record that is still to be made leads to, in the words of the system it comes from.
    /// The value is found when the change is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) refers_to: Option<SourceKey>,
}

impl Wish {
    /// A value that is served since an instant.
    pub(super) fn served(value: Option<String>, since: DateTime<Utc>) -> Self {
        Self { value, since, asked_by: None, over: None, refers_to: None }
    }
}

/// What a system said of a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Said(pub(super) Option<String>);

/// The values that a record is to have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Wanted(pub(super) BTreeMap<Field, Wish>);

impl Wanted {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What people asked for: no settling takes it back.
    pub(super) fn asked_for(&self) -> impl Iterator<Item = (Field, Wish)> {
        self.0.iter().filter(|(_, wish)| wish.asked_by.is_some()).map(|(field, wish)| (*field, wish.clone()))
    }

    /// The same, whatever the system says by now.
    pub(super) fn over_anything(mut self) -> Self {
        self.0.values_mut().for_each(|it| it.over = None);
        self
    }

    /// Whether the system says something else of a field than when a person asked for its value, and not that value either.
    pub(super) fn has_moved(&self, states: &FieldStates) -> bool {
        self.0.iter().any(|(&field, wish)| {
            let (Some(Said(over)), Some(now)) = (&wish.over, states.get(field)) else { return false };
            let is =
                |value: &Option<String>| equivalence::same(field, now.value.as_deref(), value.as_deref());
            !is(over) && !is(&wish.value)
        })
    }

    /// As the connector takes them. A reference to what the system does not have is left out.
    pub(super) fn values(&self) -> Values {
        let known = self.0.iter().filter(|(_, wish)| wish.refers_to.is_none() || wish.value.is_some());
        known.map(|(field, wish)| (*field, wish.value.clone())).collect()
    }

    /// Whether the record says all of it, however it spells it.
    pub(super) fn is_said_by(&self, said: &Values) -> bool {
        let is_said = |(&field, wish): (&Field, &Wish)| match said.get(field) {
            domain::sources::ValueState::Absent => false,
            _ => equivalence::same(field, said.text(field), wish.value.as_deref()),
        };
        self.0.iter().all(is_said)
    }

    /// Recognises the same wish for the same version of a record.
    pub(super) fn key(&self, target: &SourceKey, base: DateTime<Utc>) -> String {
        let mut hasher = blake3::Hasher::new();
        hasher.update(target.to_string().as_bytes());
        for (field, wish) in &self.0 {
            hasher.update(field.name().as_bytes());
            let is_empty = wish.value.is_none() && wish.refers_to.is_none();
            hasher.update(if is_empty { b"\x1f0" } else { b"\x1f=" });
            match &wish.refers_to {
                Some(record) => hasher.update(record.to_string().as_bytes()),
                None => hasher.update(wish.value.as_deref().unwrap_or_default().as_bytes()),
            };
            hasher.update(b"\x1e");
        }
        hasher.update(&base.timestamp_micros().to_be_bytes());
        hasher.finalize().to_hex()[..32].to_owned()
    }

    /// The stored form.
    pub(super) fn to_json(&self) -> String {
        let named: BTreeMap<&str, &Wish> = self.0.iter().map(|(field, wish)| (field.name(), wish)).collect();
        serde_json::to_string(&named).expect("texts and times always serialise")
    }

    /// Reads [`Wanted::to_json`].
    pub(super) fn from_json(kind: RecordKind, text: &str) -> Result<Self> {
        let named: BTreeMap<String, Wish> = serde_json::from_str(text).map_err(Error::internal)?;
        let field = |(name, wish): (String, Wish)| Ok((kind.field(&name).map_err(Error::internal)?, wish));
        named.into_iter().map(field).collect::<Result<_>>().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use domain::fields::lead;

    use super::*;

    fn wanted(field: Field, value: &str) -> Wanted {
        let since = "2026-06-01T00:00:00Z".parse().unwrap();
        let wish = Wish::served(field.canonical(value).unwrap(), since);
        Wanted([(field, wish)].into())
    }

    fn said(field: Field, value: &str) -> Values {
        [(field, field.canonical(value).unwrap())].into_iter().collect()
    }

    #[test]
    fn another_spelling_says_it_too() {
        assert!(wanted(lead::phone, "03-1234-5678").is_said_by(&said(lead::phone, "0312345678")));
        assert!(!wanted(lead::phone, "03-1234-5678").is_said_by(&said(lead::phone, "03-1234-5679")));
        assert!(
            !wanted(lead::phone, "").is_said_by(&said(lead::title, "部長")),
            "an absent field is not empty"
        );
    }

    #[test]
    fn wishes_survive_their_stored_form() {
        let wanted = wanted(lead::phone, "03-1234-5678");
        assert_eq!(Wanted::from_json(RecordKind::Lead, &wanted.to_json()).unwrap(), wanted);
    }
}
