//! What a request says besides its document, and how deep and long it may be.
//!
//! Here: the parameters of a request from a body or from an address, with refusals that quote no library.
//! Not here: finding the document of a request that only names it (`documents`).

use std::collections::HashMap;

use async_graphql::Variables;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::members::{distinct, distinct_in};
use crate::platform::config::server::Limits;

/// May stand before the hash of a document, to say what kind it is.
pub(super) const HASH: &str = "sha256:";

/// A request before anybody looks at its document.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Parameters {
    query: Option<String>,
    document_id: Option<String>,
    operation_name: Option<String>,
    #[serde(default, deserialize_with = "distinct")]
    variables: Option<Map<String, Value>>,
    #[serde(default, deserialize_with = "distinct")]
    extensions: Option<Map<String, Value>>,
}

/// What a request says of its document: one of these at least.
pub(super) struct Named {
    /// The document itself.
    pub(super) query: Option<String>,
    /// Its name.
    pub(super) id: Option<String>,
}

/// Why there is no request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Malformed {
    #[error(
        "the body must be a JSON object with `query`, and may have `operationName`, `variables`, `extensions`"
    )]
    Json,
    #[error("send one request at a time; lists of requests are not accepted")]
    Batch,
    #[error("`query` is missing, and so is `documentId`")]
    NoQuery,
    #[error("`variables` and `extensions` must be JSON objects")]
    NotAnObject,
    #[error("`extensions.persistedQuery` has `version` 1 and `sha256Hash`, a text")]
    PersistedQuery,
    #[error("more than {0} brackets stand inside each other in `variables`")]
    TooDeep(usize),
    #[error("a list in `variables` has more than {0} items; send fewer at once")]
    TooLong(usize),
}

impl Parameters {
    /// From the body of a POST.
    pub(super) fn from_body(body: &[u8]) -> Result<Self, Malformed> {
        match body.iter().find(|it| !it.is_ascii_whitespace()) {
            Some(b'[') => Err(Malformed::Batch),
            // serde stops at 128 levels by itself.
            _ => serde_json::from_slice(body).map_err(|_| Malformed::Json),
        }
    }

    /// From the address of a GET.
    pub(super) fn from_query(mut pairs: HashMap<String, String>) -> Result<Self, Malformed> {
        let mut object = |name: &str| match pairs.remove(name) {
            Some(text) if !text.is_empty() => {
                distinct_in(&text).map(Some).map_err(|_| Malformed::NotAnObject)
            }
            _ => Ok(None),
        };
        let (variables, extensions) = (object("variables")?, object("extensions")?);
        Ok(Self {
            query: pairs.remove("query"),
            document_id: pairs.remove("documentId"),
            operation_name: pairs.remove("operationName"),
            variables,
            extensions,
        })
    }

    /// The document, or what it is called: by `documentId` (GraphQL over HTTP, "Persisted Documents") or as Apollo's clients
    /// call it.
    pub(super) fn document(&mut self) -> Result<Named, Malformed> {
        let query = self.query.take().filter(|it| !it.is_empty());
        let persisted = self.extensions.as_ref().and_then(|it| it.get("persistedQuery"));
        let id = match (self.document_id.take().filter(|it| !it.is_empty()), persisted) {
            (Some(id), _) => Some(id.strip_prefix(HASH).map(str::to_owned).unwrap_or(id)),
            (None, None | Some(Value::Null)) => None,
            (None, Some(persisted)) => match (&persisted["version"], &persisted["sha256Hash"]) {
                (Value::Number(version), Value::String(hash)) if version.as_u64() == Some(1) => {
                    Some(hash.clone())
                }
                _ => return Err(Malformed::PersistedQuery),
            },
        };
        if query.is_none() && id.is_none() { Err(Malformed::NoQuery) } else { Ok(Named { query, id }) }
    }

    /// The request itself. An empty operation name, as some clients send it, means none.
    pub(super) fn into_request(
        self,
        document: String,
        limits: &Limits,
    ) -> Result<async_graphql::Request, Malformed> {
        let variables = Value::Object(self.variables.unwrap_or_default());
        if is_deeper_than(limits.nesting, &variables) {
            return Err(Malformed::TooDeep(limits.nesting));
        }
        if longest_list(&variables) > limits.list_items {
            return Err(Malformed::TooLong(limits.list_items));
        }
        let mut request = async_graphql::Request::new(document).variables(Variables::from_json(variables));
        request.operation_name = self.operation_name.filter(|it| !it.is_empty());
        Ok(request)
    }
}

fn is_deeper_than(levels: usize, value: &Value) -> bool {
    let Some(below) = levels.checked_sub(1) else { return value.is_array() || value.is_object() };
    match value {
        Value::Array(items) => items.iter().any(|it| is_deeper_than(below, it)),
        Value::Object(members) => members.values().any(|it| is_deeper_than(below, it)),
        _ => false,
    }
}

/// Items of the longest list in a value that is known not to be deep.
fn longest_list(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(longest_list).fold(items.len(), usize::max),
        Value::Object(members) => members.values().map(longest_list).max().unwrap_or_default(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(body: &str) -> Option<Malformed> {
        let limits = Limits { nesting: 3, list_items: 5, ..Limits::default() };
        let read = |mut it: Parameters| {
            let document = it.document()?.query.unwrap_or_default();
            it.into_request(document, &limits)
        };
        Parameters::from_body(body.as_bytes()).and_then(read).err()
    }

    #[test]
    fn a_request_is_an_object_with_a_query() {
        assert_eq!(refusal(r#"{"query":"{a}"}"#), None);
        assert_eq!(refusal(r#"{"query":"{a}","operationName":"","variables":null,"more":1}"#), None);
        assert_eq!(refusal("{}"), Some(Malformed::NoQuery));
        assert_eq!(refusal(r#"{"query":""}"#), Some(Malformed::NoQuery));
        assert_eq!(refusal(r#" [{"query":"{a}"}]"#), Some(Malformed::Batch));
        for wrong in ["", "null", "{", r#"{"query":1}"#, r#"{"query":"{a}","variables":[]}"#] {
            assert_eq!(refusal(wrong), Some(Malformed::Json), "{wrong}");
        }
    }

    #[test]
    fn names_differ_and_texts_are_texts() {
        for twice in [
            r#"{"query":"{a}","query":"{b}"}"#,
            r#"{"query":"{a}","variables":{"a":1,"a":2}}"#,
            r#"{"query":"{a}","variables":{"a":[{"b":1,"\u0062":2}]}}"#,
            r#"{"query":"{a}","variables":{},"variables":null}"#,
            r#"{"query":"{a}","extensions":{"a":{},"a":{}}}"#,
        ] {
            assert_eq!(refusal(twice), Some(Malformed::Json), "{twice}");
        }
        let many = r#"{"query":"{a}","variables":{"a":[true,null,-1,2.5,18446744073709551615,{"a":"b"}]}}"#;
        let read = Parameters::from_body(many.as_bytes()).unwrap();
        assert_eq!(Value::from(read.variables.unwrap())["a"][4], u64::MAX);
        let torn = b"{\"query\":\"{a(text: \\\"\xff\xfe\\\")}\"}";
        assert_eq!(Parameters::from_body(torn).err(), Some(Malformed::Json));
    }

    #[test]
    fn a_document_may_be_named_in_two_ways() {
        let hash = r#"{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"abc"}}}"#;
        for body in [hash, r#"{"documentId":"sha256:abc"}"#, r#"{"documentId":"abc","query":""}"#] {
            let named = Parameters::from_body(body.as_bytes()).unwrap().document().unwrap();
            assert_eq!((named.query, named.id.as_deref()), (None, Some("abc")), "{body}");
        }
        for wrong in
            [r#"{"sha256Hash":"abc"}"#, r#"{"version":2,"sha256Hash":"abc"}"#, "1", r#"{"version":1}"#]
        {
            let body = format!(r#"{{"query":"{{a}}","extensions":{{"persistedQuery":{wrong}}}}}"#);
            assert_eq!(refusal(&body), Some(Malformed::PersistedQuery), "{wrong}");
        }
    }

    #[test]
    fn lists_in_variables_have_a_length() {
        assert_eq!(refusal(r#"{"query":"{a}","variables":{"a":[1,2,3,4,5]}}"#), None);
        let long = r#"{"query":"{a}","variables":{"a":{"b":[1,2,3,4,5,6]}}}"#;
        assert_eq!(refusal(long), Some(Malformed::TooLong(5)));
    }

    #[test]
    fn variables_have_a_depth() {
        assert_eq!(refusal(r#"{"query":"{a}","variables":{"a":[[1]]}}"#), None);
        assert_eq!(refusal(r#"{"query":"{a}","variables":{"a":[[[1]]]}}"#), Some(Malformed::TooDeep(3)));
        let deep =
            format!(r#"{{"query":"{{a}}","variables":{{"a":{}{}}}}}"#, "[".repeat(5_000), "]".repeat(5_000));
        assert_eq!(refusal(&deep), Some(Malformed::Json));
    }
}
