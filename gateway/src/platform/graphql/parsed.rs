//! Documents that were sent before: parsed once, and validated once.
//!
//! Here: which documents are remembered, and when one that was found valid needs no second look. Not here: what a document asks for
//! (`tally`), which its variables decide anew each time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_graphql::parser::types::{BaseType, ExecutableDocument, OperationDefinition};
use async_graphql::{Value, Variables};
use quick_cache::Weighter;
use quick_cache::sync::Cache;

/// Bytes of the texts that are remembered together. A parsed document takes about fifteen times its text.
const MOST_BYTES: u64 = 2 * 1_024 * 1_024;
/// Texts that are remembered, if they are of a common length.
const USUAL_NUMBER: usize = 2_000;
/// A longer text is parsed each time.
const LONGEST: usize = 16 * 1_024;
/// Scalars whose values need no more than a look at their kind.
const PLAIN: [&str; 4] = ["ID", "String", "Int", "Boolean"];

/// The documents that were parsed lately.
#[derive(Clone)]
pub(super) struct Parsed(Arc<Cache<String, Arc<Document>, ByLength>>);

/// A document that keeps to the limits of its text.
pub(super) struct Document {
    pub(super) parsed: ExecutableDocument,
    is_valid: AtomicBool,
}

#[derive(Clone)]
struct ByLength;

impl Weighter<String, Arc<Document>> for ByLength {
    fn weight(&self, text: &String, _: &Arc<Document>) -> u64 {
        text.len() as u64
    }
}

impl Default for Parsed {
    fn default() -> Self {
        Self(Arc::new(Cache::with_weighter(USUAL_NUMBER, MOST_BYTES, ByLength)))
    }
}

impl Parsed {
    /// The document of a text: as remembered, or parsed now.
    pub(super) fn get<E>(
        &self,
        text: &str,
        parse: impl FnOnce(&str) -> Result<ExecutableDocument, E>,
    ) -> Result<Arc<Document>, E> {
        if let Some(known) = self.0.get(text) {
            return Ok(known);
        }
        let document = Arc::new(Document { parsed: parse(text)?, is_valid: AtomicBool::new(false) });
        if text.len() <= LONGEST {
            self.0.insert(text.to_owned(), Arc::clone(&document));
        }
        Ok(document)
    }
}

impl Document {
    /// Whether all of it was found valid before.
    pub(super) fn is_valid(&self) -> bool {
        self.is_valid.load(Ordering::Acquire)
    }

    /// Remembers that all of it is valid.
    pub(super) fn found_valid(&self) {
        self.is_valid.store(true, Ordering::Release);
    }
}

/// Whether the variables of an operation are such that only their kinds could be wrong, and are not. Other values are left to
/// the validation of the whole.
pub(super) fn are_plain(operation: &OperationDefinition, variables: &Variables) -> bool {
    operation.variable_definitions.iter().map(|it| &it.node).all(|definition| {
        let BaseType::Named(name) = &definition.var_type.node.base else { return false };
        let is_plain = |value: &Value| match (name.as_str(), value) {
            (_, Value::Null) => definition.var_type.node.nullable,
            ("ID" | "String", Value::String(_)) | ("Boolean", Value::Boolean(_)) => true,
            ("Int", Value::Number(number)) => number.as_i64().is_some_and(|it| i32::try_from(it).is_ok()),
            _ => false,
        };
        let given = variables.get(&definition.name.node);
        PLAIN.contains(&name.as_str()) && given.is_some_and(is_plain)
    })
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use serde_json::json;

    use super::*;

    fn plain(definitions: &str, variables: serde_json::Value) -> bool {
        let document = parse_query(format!("query Q({definitions}) {{ a }}")).unwrap();
        let (_, operation) = document.operations.iter().next().unwrap();
        are_plain(&operation.node, &Variables::from_json(variables))
    }

    #[test]
    fn values_of_plain_kinds_need_no_second_look() {
        assert!(plain("$a: ID!, $b: String", json!({ "a": "1", "b": null })));
        assert!(plain("$a: Int!, $b: Boolean", json!({ "a": -5, "b": true })));
        for (definitions, variables) in [
            ("$a: ID!", json!({ "a": { "b": 1 } })),
            ("$a: String!", json!({ "a": null })),
            ("$a: String", json!({})),
            ("$a: Int", json!({ "a": 3_000_000_000_i64 })),
            ("$a: Int", json!({ "a": "1" })),
            ("$a: [ID!]", json!({ "a": ["1"] })),
            ("$a: LeadStage", json!({ "a": "NEW" })),
        ] {
            assert!(!plain(definitions, variables), "{definitions}");
        }
    }

    #[test]
    fn a_text_is_parsed_once_unless_it_is_long() {
        let (parsed, mut times) = (Parsed::default(), 0);
        let mut ask = |text: &str| {
            let document = parsed.get(text, |it| {
                times += 1;
                parse_query(it)
            });
            document.unwrap()
        };
        assert!(!ask("{ a }").is_valid());
        ask("{ a }").found_valid();
        assert!(ask("{ a }").is_valid());
        let long = format!("{{ a }} #{}", " ".repeat(LONGEST));
        ask(&long).found_valid();
        assert!(!ask(&long).is_valid());
        assert_eq!(times, 3);
    }
}
