//! What a client is told of a failure, in Japanese; in English it is the error's own text.
//!
//! Here: the texts, by code (`japanese.toml`). Not here: which failures a client sees (`error`).

use std::collections::HashMap;
use std::sync::LazyLock;

/// Stands in a text for the English one, which names what the request is about.
const DETAIL: &str = "{detail}";

static TEXTS: LazyLock<HashMap<String, String>> =
    LazyLock::new(|| toml::from_str(include_str!("japanese.toml")).expect("a test reads every text"));

/// What to do about a failure with this code, which says `detail` in English. `None` for a code without a text.
pub(crate) fn text(code: &str, detail: &str) -> Option<String> {
    TEXTS.get(code).map(|it| it.replace(DETAIL, detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_japanese_and_a_whole_sentence() {
        for (code, said) in &*TEXTS {
            let end = said.strip_suffix(&format!("({DETAIL})")).unwrap_or(said);
            assert!(end.ends_with('。'), "{code}: {said}");
            assert!(!said.contains('{') || end != said, "{code} names something else than {DETAIL}: {said}");
        }
    }

    #[test]
    fn the_english_text_stands_where_the_japanese_one_wants_it() {
        let said = text("VERSION_CONFLICT", "it is at version 2 now");
        assert!(said.unwrap().ends_with("(it is at version 2 now)"));
        assert_eq!(text("NO_SUCH_CODE", "x"), None);
    }
}
