//! The texts by which a person is found in what people and systems wrote: every value that was ever said of the person.

use std::cmp::Reverse;

use serde_json::Value;

/// What takes the place of a person in a text.
const SCRUBBED: &str = "***";
/// Names of JSON members that hold what somebody wrote, rather than a value.
const WRITTEN: [&str; 3] = ["reason", "pinReason", "message"];

/// Texts that name a person.
#[derive(Debug, Clone, Default)]
pub struct Words {
    /// The longest first, so that none is hidden by a part of it.
    words: Vec<String>,
}

impl Words {
    /// These values, and mail addresses in small letters too.
    pub fn of(values: impl IntoIterator<Item = String>) -> Self {
        let mut words: Vec<String> =
            values.into_iter().flat_map(|it| [it.to_lowercase(), it]).filter(|it| !it.is_empty()).collect();
        words.sort_unstable_by(|a, b| (Reverse(a.len()), a).cmp(&(Reverse(b.len()), b)));
        words.dedup();
        Self { words }
    }

    /// Whether a text is one of the values.
    pub fn is(&self, text: &str) -> bool {
        self.words.iter().any(|it| it == text)
    }

    /// The values by which a trace is found: a single letter or digit is no trace of anybody.
    pub fn telling(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(String::as_str).filter(|it| it.len() > 1)
    }

    /// What somebody wrote, without the person.
    pub fn scrub(&self, text: &str) -> String {
        self.telling().fold(text.to_owned(), |text, word| text.replace(word, SCRUBBED))
    }

    /// A JSON document without the person: values are null, and what somebody wrote is without them.
    pub fn scrub_json(&self, document: &mut Value) {
        match document {
            Value::String(text) if self.is(text) => *document = Value::Null,
            Value::Array(items) => items.iter_mut().for_each(|it| self.scrub_json(it)),
            Value::Object(members) => {
                for (name, member) in members {
                    match member {
                        Value::String(text) if WRITTEN.contains(&name.as_str()) => *text = self.scrub(text),
                        other => self.scrub_json(other),
                    }
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn sato() -> Words {
        Words::of(["佐藤", "佐藤花子", "Sato@Kyokuyo.example", "1"].map(str::to_owned))
    }

    #[test]
    fn what_was_written_keeps_everything_else() {
        assert_eq!(sato().scrub("佐藤花子さん(佐藤部長)に確認 1"), "***さん(***部長)に確認 1");
        assert_eq!(sato().scrub("duplicate of sato@kyokuyo.example"), "duplicate of ***");
    }

    #[test]
    fn values_become_null_and_names_of_fields_stay() {
        let mut subject =
            json!({ "field": "last_name", "pinned": "佐藤", "pinReason": "佐藤に聞いた", "by": "s-1" });
        sato().scrub_json(&mut subject);
        let expected =
            json!({ "field": "last_name", "pinned": null, "pinReason": "***に聞いた", "by": "s-1" });
        assert_eq!(subject, expected);
    }
}
