//! The kinds of events that may be reported; each can be switched off.

use std::collections::{BTreeMap, BTreeSet};

use super::Measure;
use super::schema::{FieldType, PayloadSchema};
use crate::text::Language;

/// One kind of event.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventKind {
    /// The stable code, such as `document.viewed`.
    pub code: String,
    ja: String,
    en: String,
    /// What such an event counts as.
    pub measure: Measure,
    /// Whether somebody must have done it.
    #[serde(default)]
    pub by_user: bool,
    /// Whether it is about the version of an asset.
    #[serde(default)]
    pub on_asset: bool,
    /// Whether it shows a user at work with us.
    #[serde(default)]
    pub access: bool,
    /// What its payload holds.
    #[serde(default)]
    pub payload: PayloadSchema,
}

/// All kinds, and which of them are switched off.
#[derive(Debug, Clone, PartialEq)]
pub struct Registry {
    kinds: BTreeMap<String, EventKind>,
    off: BTreeSet<String>,
}

/// Why a list of kinds is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRegistry {
    /// The file cannot be read.
    #[error("the list of event kinds cannot be read: {0}")]
    Unreadable(String),
    /// Two kinds have one code.
    #[error("the event kind `{0}` is listed twice; remove one")]
    Twice(String),
    /// A code that could be mistyped in too many ways.
    #[error("`{0}` is no code of an event kind; use lower-case words like `document.viewed`")]
    Code(String),
    /// A choice without choices, or choices without a choice.
    #[error("`{field}` of `{kind}` needs `values` exactly when its type is ONE_OF")]
    Values {
        /// The kind.
        kind: String,
        /// The field.
        field: String,
    },
}

/// Why events of a kind are not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KindRefusal {
    /// Nobody registered it.
    #[error("`{kind}` is not a kind of event; use one of: {allowed}")]
    Unknown {
        /// What was given.
        kind: String,
        /// What would have been right.
        allowed: String,
    },
    /// Somebody switched it off.
    #[error("events of the kind `{0}` are switched off; ask an administrator to switch it on")]
    Off(String),
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    kinds: Vec<EventKind>,
}

impl Default for Registry {
    /// The kinds of the file of this crate, all switched on.
    fn default() -> Self {
        Self::parse(include_str!("kinds.toml")).expect("the file of this crate is right")
    }
}

impl Registry {
    /// Reads a list of kinds, all switched on.
    pub fn parse(text: &str) -> Result<Self, InvalidRegistry> {
        let file: File = toml::from_str(text).map_err(|it| InvalidRegistry::Unreadable(it.to_string()))?;
        let mut registry = Self { kinds: BTreeMap::new(), off: BTreeSet::new() };
        for kind in file.kinds {
            kind.check()?;
            let code = kind.code.clone();
            if registry.kinds.insert(code.clone(), kind).is_some() {
                return Err(InvalidRegistry::Twice(code));
            }
        }
        Ok(registry)
    }

    /// The same kinds with some of them switched off; codes that nobody registered are ignored.
    pub fn without(mut self, codes: impl IntoIterator<Item = String>) -> Self {
        self.off = codes.into_iter().filter(|it| self.kinds.contains_key(it)).collect();
        self
    }

    /// All kinds, in order of their codes, and whether they are on.
    pub fn kinds(&self) -> impl Iterator<Item = (&EventKind, bool)> {
        self.kinds.values().map(|it| (it, !self.off.contains(&it.code)))
    }

    /// A kind of which events are taken.
    pub fn open(&self, code: &str) -> Result<&EventKind, KindRefusal> {
        let kind = self.kinds.get(code).ok_or_else(|| KindRefusal::Unknown {
            kind: code.to_owned(),
            allowed: self.kinds.keys().map(String::as_str).collect::<Vec<_>>().join(", "),
        })?;
        if self.off.contains(code) { Err(KindRefusal::Off(code.to_owned())) } else { Ok(kind) }
    }
}

impl EventKind {
    /// The label shown to people.
    pub fn label(&self, language: Language) -> &str {
        match language {
            Language::Ja => &self.ja,
            Language::En => &self.en,
        }
    }

    fn check(&self) -> Result<(), InvalidRegistry> {
        let is_word = |it: &str| !it.is_empty() && it.chars().all(|it| it.is_ascii_lowercase() || it == '_');
        if !self.code.split('.').all(is_word) || !self.code.contains('.') {
            return Err(InvalidRegistry::Code(self.code.clone()));
        }
        let wrong =
            self.payload.0.iter().find(|(_, it)| (it.field_type == FieldType::OneOf) == it.values.is_empty());
        wrong.map_or(Ok(()), |(field, _)| {
            Err(InvalidRegistry::Values { kind: self.code.clone(), field: field.clone() })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOGIN: &str =
        "[[kinds]]\ncode = 'portal.login'\nja = 'ログイン'\nen = 'Login'\nmeasure = 'LOGIN'\n";

    #[test]
    fn every_kind_of_the_glossary_is_there_with_both_labels() {
        let registry = Registry::default();
        assert_eq!(registry.kinds().count(), 16);
        assert!(
            registry.kinds().all(|(it, is_on)| is_on && it.label(Language::Ja) != it.label(Language::En))
        );
        assert!(registry.open("proposal_tool.downloaded").is_ok());
    }

    #[test]
    fn an_unknown_kind_says_which_there_are() {
        let refusal = Registry::default().open("document.viewd").unwrap_err();
        assert!(refusal.to_string().contains("document.viewed"));
    }

    #[test]
    fn a_kind_can_be_switched_off() {
        let registry = Registry::default().without(["portal.login".to_owned(), "never.was".to_owned()]);
        assert_eq!(registry.open("portal.login"), Err(KindRefusal::Off("portal.login".to_owned())));
        assert_eq!(registry.kinds().filter(|(_, is_on)| !is_on).count(), 1);
    }

    #[test]
    fn a_wrong_list_is_refused() {
        assert_eq!(Registry::parse(&LOGIN.repeat(2)), Err(InvalidRegistry::Twice("portal.login".to_owned())));
        assert!(matches!(
            Registry::parse(&LOGIN.replace("portal.login", "Login")),
            Err(InvalidRegistry::Code(_))
        ));
        let choice = format!("{LOGIN}payload.way = {{ type = 'ONE_OF' }}");
        assert!(matches!(Registry::parse(&choice), Err(InvalidRegistry::Values { .. })));
        assert!(matches!(
            Registry::parse(&LOGIN.replace("en =", "de =")),
            Err(InvalidRegistry::Unreadable(_))
        ));
    }
}
