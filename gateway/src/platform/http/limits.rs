//! What a request says besides its document, and how deep it may go.
//!
//! Here: the parameters of a request from a body or from an address, with refusals that quote no library.

use std::collections::HashMap;

use async_graphql::Variables;
use serde::Deserialize;
use serde_json::{Map, Value};

/// A request before anybody looks at its document.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Parameters {
    query: Option<String>,
    operation_name: Option<String>,
    variables: Option<Map<String, Value>>,
    #[expect(dead_code, reason = "must be an object where it is given; nothing in it is used")]
    extensions: Option<Map<String, Value>>,
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
    #[error("`query` is missing")]
    NoQuery,
    #[error("`variables` and `extensions` must be JSON objects")]
    NotAnObject,
    #[error("more than {0} brackets stand inside each other in `variables`")]
    TooDeep(usize),
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
                serde_json::from_str(&text).map(Some).map_err(|_| Malformed::NotAnObject)
            }
            _ => Ok(None),
        };
        let (variables, extensions) = (object("variables")?, object("extensions")?);
        Ok(Self {
            query: pairs.remove("query"),
            operation_name: pairs.remove("operationName"),
            variables,
            extensions,
        })
    }

    /// The request itself. An empty operation name, as some clients send it, means none.
    pub(super) fn into_request(self, deepest: usize) -> Result<async_graphql::Request, Malformed> {
        let query = self.query.filter(|it| !it.is_empty()).ok_or(Malformed::NoQuery)?;
        let variables = Value::Object(self.variables.unwrap_or_default());
        if is_deeper_than(deepest, &variables) {
            return Err(Malformed::TooDeep(deepest));
        }
        let mut request = async_graphql::Request::new(query).variables(Variables::from_json(variables));
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

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(body: &str) -> Option<Malformed> {
        Parameters::from_body(body.as_bytes()).and_then(|it| it.into_request(3)).err()
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
    fn variables_have_a_depth() {
        assert_eq!(refusal(r#"{"query":"{a}","variables":{"a":[[1]]}}"#), None);
        assert_eq!(refusal(r#"{"query":"{a}","variables":{"a":[[[1]]]}}"#), Some(Malformed::TooDeep(3)));
        let deep =
            format!(r#"{{"query":"{{a}}","variables":{{"a":{}{}}}}}"#, "[".repeat(5_000), "]".repeat(5_000));
        assert_eq!(refusal(&deep), Some(Malformed::Json));
    }
}
