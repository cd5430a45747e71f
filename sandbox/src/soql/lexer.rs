//! From query text to tokens.

use super::ast::Literal;
use crate::org::input::{read_date, read_datetime};
use crate::org::value::Value;
use crate::rest::error::{ApiError, Code};

/// One token and the byte offset it starts at.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) at: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum TokenKind {
    Word(String),
    Literal(Literal),
    Symbol(&'static str),
    End,
}

/// Longest first, so that `<=` is not read as `<`.
const SYMBOLS: [&str; 13] = ["!=", "<>", "<=", ">=", "=", "<", ">", "(", ")", ",", ".", ":", "&"];

/// Cuts a query into tokens; the last one is `End`.
pub(super) fn tokens(query: &str) -> Result<Vec<Token>, ApiError> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(next) = query[at..].chars().next() {
        if next.is_whitespace() {
            at += next.len_utf8();
            continue;
        }
        let (kind, length) = token(query, at, next)?;
        tokens.push(Token { kind, at });
        at += length;
    }
    tokens.push(Token { kind: TokenKind::End, at });
    Ok(tokens)
}

fn token(query: &str, at: usize, next: char) -> Result<(TokenKind, usize), ApiError> {
    let rest = &query[at..];
    if next == '\'' {
        return text(query, at);
    }
    if next.is_ascii_digit() || (next == '-' && rest[1..].starts_with(|it: char| it.is_ascii_digit())) {
        return number_or_time(query, at);
    }
    if next.is_ascii_alphabetic() || next == '_' {
        let length = rest.find(|it: char| !it.is_ascii_alphanumeric() && it != '_').unwrap_or(rest.len());
        return Ok((TokenKind::Word(rest[..length].to_owned()), length));
    }
    match SYMBOLS.into_iter().find(|it| rest.starts_with(it)) {
        Some(symbol) => Ok((TokenKind::Symbol(symbol), symbol.len())),
        None => Err(malformed(query, at, &format!("unexpected character: '{next}'"))),
    }
}

fn text(query: &str, at: usize) -> Result<(TokenKind, usize), ApiError> {
    let mut text = String::new();
    let mut chars = query[at + 1..].char_indices();
    while let Some((offset, next)) = chars.next() {
        match next {
            '\'' => return Ok((TokenKind::Literal(Literal::Text(text)), offset + 2)),
            '\\' => {
                let Some((_, escaped)) = chars.next() else { break };
                match unescape(escaped) {
                    Some(it) => text.push_str(it),
                    None => {
                        let message =
                            format!("Invalid string literal: illegal character sequence '\\{escaped}'");
                        return Err(malformed(query, at + offset + 1, &message));
                    }
                }
            }
            _ => text.push(next),
        }
    }
    Err(malformed(query, at, "unclosed string literal: a text ends with an apostrophe"))
}

/// `\_` and `\%` keep their backslash: only `LIKE` knows what they mean.
fn unescape(escaped: char) -> Option<&'static str> {
    Some(match escaped {
        '\'' => "'",
        '"' => "\"",
        '\\' => "\\",
        'n' | 'N' => "\n",
        'r' | 'R' => "\r",
        't' | 'T' => "\t",
        'b' | 'B' => "\u{8}",
        'f' | 'F' => "\u{c}",
        '_' => "\\_",
        '%' => "\\%",
        _ => return None,
    })
}

fn number_or_time(query: &str, at: usize) -> Result<(TokenKind, usize), ApiError> {
    let rest = &query[at..];
    let is_part = |it: char| it.is_ascii_alphanumeric() || matches!(it, '-' | ':' | '.' | '+');
    let length = rest.find(|it: char| !is_part(it)).unwrap_or(rest.len());
    let word = &rest[..length];
    let is_time = word.len() >= 10 && word.as_bytes()[4] == b'-' && word.as_bytes()[7] == b'-';
    let literal = match is_time {
        true if word.len() == 10 => read_date(word).map(literal),
        true => read_datetime(word).map(literal),
        false => word.parse().ok().filter(|it: &f64| it.is_finite()).map(Literal::Number),
    };
    match literal {
        Some(literal) => Ok((TokenKind::Literal(literal), length)),
        None => Err(malformed(query, at, &format!("unexpected token: '{word}'"))),
    }
}

fn literal(value: Value) -> Literal {
    match value {
        Value::Date(days) => Literal::Date(days),
        Value::DateTime(seconds) => Literal::DateTime(seconds),
        _ => Literal::Null,
    }
}

/// `MALFORMED_QUERY` with the place in the query.
pub(super) fn malformed(query: &str, at: usize, message: &str) -> ApiError {
    ApiError::new(Code::MalformedQuery, located(query, at, message))
}

/// The vendor's way to point at a place: an excerpt, a caret, row and column, then the message.
pub(super) fn located(query: &str, at: usize, message: &str) -> String {
    let at = (0..=at.min(query.len())).rev().find(|it| query.is_char_boundary(*it)).unwrap_or(0);
    let before = &query[..at];
    let row = before.matches('\n').count() + 1;
    let line_start = before.rfind('\n').map_or(0, |it| it + 1);
    let column = query[line_start..at].chars().count() + 1;
    let lead: String = {
        let tail: Vec<char> = query[line_start..at].chars().rev().take(40).collect();
        tail.into_iter().rev().collect()
    };
    let rest: String = query[at..].chars().take_while(|it| *it != '\n').take(40).collect();
    let caret = " ".repeat(lead.chars().count());
    format!("\n{lead}{rest}\n{caret}^\nERROR at Row:{row}:Column:{column}\n{message}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(query: &str) -> Vec<TokenKind> {
        let tokens = tokens(query).expect("tokens");
        tokens.into_iter().map(|it| it.kind).collect()
    }

    #[test]
    fn words_symbols_and_literals() {
        use TokenKind::{End, Literal as L, Symbol, Word};
        assert_eq!(
            kinds("a.b__c >= -1.5"),
            [Word("a".into()), Symbol("."), Word("b__c".into()), Symbol(">="), L(Literal::Number(-1.5)), End]
        );
        assert_eq!(kinds(r"'O\'Neil \\ \n'"), [L(Literal::Text("O'Neil \\ \n".into())), End]);
        assert_eq!(kinds("2024-01-31"), [L(Literal::Date(19_753)), End]);
    }

    #[test]
    fn every_way_to_write_an_instant() {
        for text in [
            "2024-01-01T00:00:00Z",
            "2024-01-01T00:00:00.000Z",
            "2024-01-01T00:00:00+00:00",
            "2024-01-01T00:00:00+0000",
            "2024-01-01T09:00:00+09:00",
            "2024-01-01T00:00:00.000+0000",
        ] {
            let expected = TokenKind::Literal(Literal::DateTime(1_704_067_200));
            assert_eq!(kinds(text)[0], expected, "{text}");
        }
    }

    #[test]
    fn broken_text_is_refused_with_its_place() {
        for query in ["'", r"'\", r"'\q'", "2024-13-45", "1x", "a ; b", "'日本"] {
            let error = tokens(query).expect_err(query);
            assert_eq!(error.code, Code::MalformedQuery, "{query}");
            assert!(error.message.contains("ERROR at Row:1:Column:"), "{}", error.message);
        }
    }
}
