//! Measures a GraphQL document without parsing it.
//!
//! Here: a single pass over the bytes that knows strings, block strings and comments (specification §2.1), and
//! stops at the first limit. Not here: whether the document is well formed.

use std::fmt;

use crate::platform::config::server::Limits;

/// The limit that a document passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TooLarge {
    /// Bytes.
    Bytes(usize),
    /// Tokens.
    Tokens(usize),
    /// Brackets inside each other.
    Nesting(usize),
    /// Selections with fragments expanded.
    Selections(usize),
    /// Fields of the root.
    RootFields(usize),
    /// Fields under another name.
    Aliases(usize),
    /// Directives.
    Directives(usize),
    /// Items of one list.
    ListItems(usize),
}

impl fmt::Display for TooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(most) => write!(f, "the document has more than {most} bytes"),
            Self::Tokens(most) => write!(f, "the document has more than {most} tokens"),
            Self::Nesting(most) => write!(f, "more than {most} brackets stand inside each other"),
            Self::Selections(most) => write!(f, "the document selects more than {most} fields"),
            Self::RootFields(most) => write!(f, "the document asks for more than {most} fields of the root"),
            Self::Aliases(most) => write!(f, "the document has more than {most} aliases"),
            Self::Directives(most) => write!(f, "the document has more than {most} directives"),
            Self::ListItems(most) => write!(f, "a list has more than {most} items"),
        }
    }
}

/// Checks size, number of tokens and nesting.
pub(super) fn scan(text: &str, limits: &Limits) -> Result<(), TooLarge> {
    if text.len() > limits.document_bytes {
        return Err(TooLarge::Bytes(limits.document_bytes));
    }
    let mut rest = text.as_bytes();
    let (mut tokens, mut depth) = (0_usize, 0_usize);
    while let Some(&first) = rest.first() {
        let (length, is_token) = lexeme(first, rest);
        rest = &rest[length..];
        tokens += usize::from(is_token);
        match first {
            b'{' | b'[' | b'(' => depth += 1,
            b'}' | b']' | b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if tokens > limits.tokens {
            return Err(TooLarge::Tokens(limits.tokens));
        }
        if depth > limits.nesting {
            return Err(TooLarge::Nesting(limits.nesting));
        }
    }
    Ok(())
}

/// How far the lexeme at the start of `rest` goes, and whether it is a token. Always at least one byte.
fn lexeme(first: u8, rest: &[u8]) -> (usize, bool) {
    match first {
        b' ' | b'\t' | b'\r' | b'\n' | b',' => (1, false),
        b'#' => (run(rest, |it| it != b'\n' && it != b'\r'), false),
        b'"' if rest.starts_with(b"\"\"\"") => (block_string(rest), true),
        b'"' => (string(rest), true),
        b'.' => (run(rest, |it| it == b'.'), true),
        _ if is_word(first) => (run(rest, is_word), true),
        _ => (1, true),
    }
}

/// Names and numbers; whatever is not ASCII belongs to one run, too.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+') || !byte.is_ascii()
}

fn run(rest: &[u8], belongs: impl Fn(u8) -> bool) -> usize {
    rest.iter().position(|it| !belongs(*it)).unwrap_or(rest.len()).max(1)
}

/// Up to the closing quote. A line break ends it too: such a document is malformed, and the brackets after it
/// count.
fn string(rest: &[u8]) -> usize {
    let mut at = 1;
    while let Some(&byte) = rest.get(at) {
        match byte {
            b'\\' => at += 1,
            b'"' => return at + 1,
            b'\n' | b'\r' => return at,
            _ => {}
        }
        at += 1;
    }
    rest.len()
}

fn block_string(rest: &[u8]) -> usize {
    let mut at = 3;
    while at < rest.len() {
        let here = &rest[at..];
        if here.starts_with(b"\\\"\"\"") {
            at += 4;
        } else if here.starts_with(b"\"\"\"") {
            return at + 3;
        } else {
            at += 1;
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measure(text: &str) -> Result<(), TooLarge> {
        scan(text, &Limits { tokens: 20, nesting: 4, document_bytes: 1_000, ..Limits::default() })
    }

    #[test]
    fn brackets_inside_each_other_are_counted_whatever_their_kind() {
        assert_eq!(measure("{a(b:[{c:1}])}"), Ok(()));
        assert_eq!(measure("{a(b:[[{c:1}]])}"), Err(TooLarge::Nesting(4)));
    }

    #[test]
    fn brackets_in_strings_and_comments_do_not_count() {
        assert_eq!(measure(r#"{a(b:"[[[[[ \" [[[[[")}"#), Ok(()));
        assert_eq!(measure("{a(b:\"\"\"[[[[[ \" \\\"\"\" [[[\"\"\")}"), Ok(()));
        assert_eq!(measure("{a # [[[[[[[[ \"\n}"), Ok(()));
    }

    #[test]
    fn a_string_that_never_ends_hides_nothing_on_the_next_line() {
        assert_eq!(measure("{a(b:\"\n[[[[[["), Err(TooLarge::Nesting(4)));
    }

    #[test]
    fn a_long_text_is_one_token_and_many_fields_are_many() {
        assert_eq!(measure(&format!("{{a(b:\"{}\")}}", "x ".repeat(200))), Ok(()));
        assert_eq!(measure(&format!("{{{}}}", "a ".repeat(20))), Err(TooLarge::Tokens(20)));
        assert_eq!(measure(&"x".repeat(1_001)), Err(TooLarge::Bytes(1_000)));
    }

    #[test]
    fn any_text_is_measured_to_its_end() {
        for text in ["\"", "\"\"\"", "\"\\", "\"\"\"\\\"\"\"", "…", "\"…", "{\u{0}}", "#", "..."] {
            assert_eq!(measure(text), Ok(()), "{text:?}");
        }
    }
}
