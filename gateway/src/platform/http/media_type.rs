//! Which form the answer takes (GraphQL over HTTP §6.4), and whether a body is JSON at all.

use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, CONTENT_ENCODING, CONTENT_TYPE};

/// A form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MediaType {
    /// `application/graphql-response+json`: a status other than 200 speaks of the request.
    GraphqlResponse,
    /// `application/json`: a well-formed request is answered with 200, whatever it asked for.
    Json,
    /// `text/event-stream`: answers as they come.
    EventStream,
}

impl MediaType {
    /// The header's value.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
            Self::EventStream => "text/event-stream; charset=utf-8",
        }
    }

    /// The form a client likes best; JSON when it has no wish, `None` when it takes none of ours.
    pub(super) fn wished(headers: &HeaderMap) -> Option<Self> {
        let wishes: Vec<&str> = headers
            .get_all(ACCEPT)
            .iter()
            .filter_map(|it| it.to_str().ok())
            .flat_map(|it| it.split(','))
            .collect();
        if wishes.is_empty() {
            return Some(Self::Json);
        }
        let mut best: Option<(f32, Self)> = None;
        for wish in wishes {
            let (quality, form) = match parse(wish) {
                Some(wish) => wish,
                None => continue,
            };
            // The first of equals stays.
            if quality > 0.0 && best.is_none_or(|(best, _)| quality > best) {
                best = Some((quality, form));
            }
        }
        best.map(|(_, form)| form)
    }
}

/// One wish and how much it is wished; `None` for forms we do not have.
fn parse(wish: &str) -> Option<(f32, MediaType)> {
    let mut parts = wish.split(';').map(str::trim);
    let name = parts.next()?.to_ascii_lowercase();
    let mut quality = 1.0;
    for parameter in parts {
        match parameter.split_once('=').map(|(key, value)| (key.trim().to_ascii_lowercase(), value.trim())) {
            Some((key, value)) if key == "q" => quality = value.parse().ok()?,
            Some((key, value)) if key == "charset" && !is_utf8(value) => return None,
            _ => {}
        }
    }
    let form = match name.as_str() {
        "application/graphql-response+json" => MediaType::GraphqlResponse,
        "application/json" | "application/*" | "*/*" => MediaType::Json,
        "text/event-stream" => MediaType::EventStream,
        _ => return None,
    };
    Some((quality, form))
}

fn is_utf8(charset: &str) -> bool {
    charset.trim_matches('"').eq_ignore_ascii_case("utf-8")
}

/// Whether the body is plain JSON.
///
/// Nothing else is executed: a browser sends forms and plain text to any site without asking first.
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let text =
        |name| headers.get(name).map(|it: &axum::http::HeaderValue| it.to_str().unwrap_or("unreadable"));
    let is_plain = text(CONTENT_ENCODING).is_none_or(|it| it.eq_ignore_ascii_case("identity"));
    let content_type = text(CONTENT_TYPE).unwrap_or_default().to_ascii_lowercase();
    is_plain
        && content_type.split(';').next().map(str::trim) == Some("application/json")
        && parse(&content_type).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wished(accept: &str) -> Option<MediaType> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, accept.parse().unwrap());
        MediaType::wished(&headers)
    }

    #[test]
    fn the_client_chooses_the_form() {
        use MediaType::{GraphqlResponse, Json};
        assert_eq!(wished("application/graphql-response+json"), Some(GraphqlResponse));
        assert_eq!(wished("application/json"), Some(Json));
        assert_eq!(wished("*/*"), Some(Json));
        let both = "application/graphql-response+json; charset=utf-8, application/json; charset=utf-8";
        assert_eq!(wished(both), Some(GraphqlResponse));
        assert_eq!(wished("application/graphql-response+json;q=0.5, application/json"), Some(Json));
        assert_eq!(
            wished("application/json;q=0, application/graphql-response+json;q=0.1"),
            Some(GraphqlResponse)
        );
        assert_eq!(wished("text/event-stream"), Some(MediaType::EventStream));
        assert_eq!(MediaType::wished(&HeaderMap::new()), Some(Json));
    }

    #[test]
    fn a_client_that_takes_neither_gets_neither() {
        assert_eq!(wished("text/html"), None);
        assert_eq!(wished("application/json; charset=shift_jis"), None);
    }

    #[test]
    fn only_json_is_json() {
        let is_json = |content_type: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, content_type.parse().unwrap());
            super::is_json(&headers)
        };
        assert!(is_json("application/json"));
        assert!(is_json("Application/JSON; charset=UTF-8"));
        for other in ["text/plain", "application/json; charset=utf-16", "application/jsonx", "*/*", ""] {
            assert!(!is_json(other), "{other}");
        }
        assert!(!super::is_json(&HeaderMap::new()));
    }
}
