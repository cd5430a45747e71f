//! Conditions, checked against the schema once and then run over records.
//!
//! Two-valued: a null is simply not equal to anything else, so `!=` and `NOT` include it, while
//! `<`, `>` and `LIKE` never match it. Text compares without regard to letter case.

use std::cmp::Ordering;
use std::collections::HashSet;

use super::ast::Operator;
use super::resolve::Access;
use crate::org::Org;
use crate::org::record_id::{Id15, RecordId};
use crate::org::schema::Slot;
use crate::org::table::Record;
use crate::org::value::ValueRef;

/// A condition whose names exist and whose literals fit their fields.
#[derive(Debug, Clone)]
pub(super) enum Test {
    All(Vec<Test>),
    Any(Vec<Test>),
    Not(Box<Test>),
    Compare { access: Access, operator: Operator, with: Comparand },
    Like { access: Access, pattern: Pattern },
    In { access: Access, set: HashSet<Key> },
}

/// The right side of a comparison. Text is in lower case.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Comparand {
    Null,
    Text(String),
    Bool(bool),
    Number(f64),
    Date(i32),
    DateTime(i64),
    Id(Id15),
    /// A half-open span of dates or instants, in the field's unit.
    Span {
        from: i64,
        until: i64,
    },
}

/// A value to look up and to group by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Key {
    Null,
    Text(String),
    Bool(bool),
    Number(u64),
    Date(i32),
    DateTime(i64),
    Id(RecordId),
}

impl Key {
    pub(super) fn of(value: ValueRef<'_>) -> Key {
        match value {
            ValueRef::Null => Key::Null,
            ValueRef::Text(text) => Key::Text(text.to_lowercase()),
            ValueRef::Bool(it) => Key::Bool(it),
            ValueRef::Number(it) => Key::Number((it + 0.0).to_bits()),
            ValueRef::Date(it) => Key::Date(it),
            ValueRef::DateTime(it) => Key::DateTime(it),
            ValueRef::Id(it) => Key::Id(it),
        }
    }
}

impl Test {
    pub(super) fn matches(&self, org: &Org, record: &Record) -> bool {
        match self {
            Test::All(tests) => tests.iter().all(|it| it.matches(org, record)),
            Test::Any(tests) => tests.iter().any(|it| it.matches(org, record)),
            Test::Not(test) => !test.matches(org, record),
            Test::Compare { access, operator, with } => with.is(*operator, access.value(org, record)),
            Test::Like { access, pattern } => match access.value(org, record) {
                ValueRef::Text(text) => pattern.matches(text),
                ValueRef::Id(id) => pattern.matches(&id.to_string()),
                _ => false,
            },
            Test::In { access, set } => set.contains(&Key::of(access.value(org, record))),
        }
    }

    /// Stamps a matching record can have, so that the index need not be read whole.
    pub(super) fn stamp_bounds(&self) -> (i64, i64) {
        const EVERYTHING: (i64, i64) = (i64::MIN, i64::MAX);
        match self {
            Test::All(tests) => {
                tests.iter().map(Test::stamp_bounds).fold(EVERYTHING, |a, b| (a.0.max(b.0), a.1.min(b.1)))
            }
            Test::Any(tests) => tests
                .iter()
                .map(Test::stamp_bounds)
                .reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
                .unwrap_or(EVERYTHING),
            Test::Compare { access, operator, with: Comparand::DateTime(at) }
                if access.is_own(Slot::SystemModstamp) =>
            {
                match operator {
                    Operator::Equal => (*at, *at),
                    Operator::Greater => (at.saturating_add(1), i64::MAX),
                    Operator::GreaterOrEqual => (*at, i64::MAX),
                    Operator::Less => (i64::MIN, at.saturating_sub(1)),
                    Operator::LessOrEqual => (i64::MIN, *at),
                    Operator::NotEqual | Operator::Like => EVERYTHING,
                }
            }
            _ => EVERYTHING,
        }
    }

    /// The only records that can match, when the condition names them by id.
    pub(super) fn named_ids(&self) -> Option<Vec<RecordId>> {
        match self {
            Test::All(tests) => tests.iter().find_map(Test::named_ids),
            Test::Compare { access, operator: Operator::Equal, with: Comparand::Id(id) }
                if access.is_own(Slot::Id) =>
            {
                Some(RecordId::from_short(id).into_iter().collect())
            }
            Test::In { access, set } if access.is_own(Slot::Id) => Some(
                set.iter().filter_map(|it| if let Key::Id(id) = it { Some(*id) } else { None }).collect(),
            ),
            _ => None,
        }
    }
}

impl Comparand {
    fn is(&self, operator: Operator, value: ValueRef<'_>) -> bool {
        match operator {
            Operator::Equal => self.compare(value) == Some(Ordering::Equal),
            Operator::NotEqual => self.compare(value) != Some(Ordering::Equal),
            _ if value.is_null() => false,
            Operator::Less => self.compare(value) == Some(Ordering::Less),
            Operator::Greater => self.compare(value) == Some(Ordering::Greater),
            Operator::LessOrEqual => matches!(self.compare(value), Some(Ordering::Less | Ordering::Equal)),
            Operator::GreaterOrEqual => {
                matches!(self.compare(value), Some(Ordering::Greater | Ordering::Equal))
            }
            Operator::Like => false,
        }
    }

    /// How the value stands to this comparand; `None` when they cannot be compared.
    pub(super) fn compare(&self, value: ValueRef<'_>) -> Option<Ordering> {
        match (value, self) {
            (ValueRef::Null, Comparand::Null) => Some(Ordering::Equal),
            (ValueRef::Text(a), Comparand::Text(b)) => Some(compare_lowered(a, b)),
            (ValueRef::Bool(a), Comparand::Bool(b)) => Some(a.cmp(b)),
            (ValueRef::Number(a), Comparand::Number(b)) => a.partial_cmp(b),
            (ValueRef::Date(a), Comparand::Date(b)) => Some(a.cmp(b)),
            (ValueRef::DateTime(a), Comparand::DateTime(b)) => Some(a.cmp(b)),
            (ValueRef::Id(a), Comparand::Id(b)) => Some(a.to_short().cmp(b)),
            (ValueRef::Date(a), Comparand::Span { from, until }) => {
                Some(against_span(a.into(), *from, *until))
            }
            (ValueRef::DateTime(a), Comparand::Span { from, until }) => Some(against_span(a, *from, *until)),
            _ => None,
        }
    }
}

/// Inside the span counts as equal to it.
fn against_span(value: i64, from: i64, until: i64) -> Ordering {
    if value < from {
        Ordering::Less
    } else if value >= until {
        Ordering::Greater
    } else {
        Ordering::Equal
    }
}

/// Compares any text with one in lower case, without making a copy of plain ASCII.
fn compare_lowered(text: &str, lowered: &str) -> Ordering {
    if text.is_ascii() {
        return text.bytes().map(|it| it.to_ascii_lowercase()).cmp(lowered.bytes());
    }
    text.chars().flat_map(char::to_lowercase).cmp(lowered.chars())
}

/// A `LIKE` pattern: `%` any text, `_` one character, both escapable.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Pattern(Vec<Glob>);

#[derive(Debug, Clone, Copy, PartialEq)]
enum Glob {
    Any,
    One,
    Char(char),
}

impl Pattern {
    pub(super) fn new(text: &str) -> Pattern {
        let mut globs = Vec::new();
        let mut chars = text.chars();
        while let Some(next) = chars.next() {
            match next {
                '%' if globs.last() == Some(&Glob::Any) => {}
                '%' => globs.push(Glob::Any),
                '_' => globs.push(Glob::One),
                '\\' => match chars.next() {
                    Some(escaped @ ('%' | '_')) => globs.push(Glob::Char(escaped)),
                    Some(other) => globs.extend(['\\', other].map(Glob::Char)),
                    None => globs.push(Glob::Char('\\')),
                },
                _ => globs.extend(next.to_lowercase().map(Glob::Char)),
            }
        }
        Pattern(globs)
    }

    /// Backtracks only to the last `%`, so its time is bounded by the product of both lengths.
    fn matches(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().flat_map(char::to_lowercase).collect();
        let (mut at, mut glob, mut retry) = (0, 0, None);
        while at < text.len() {
            match self.0.get(glob) {
                Some(Glob::Any) => {
                    retry = Some((glob + 1, at));
                    glob += 1;
                }
                Some(Glob::One) => (at, glob) = (at + 1, glob + 1),
                Some(Glob::Char(it)) if *it == text[at] => (at, glob) = (at + 1, glob + 1),
                _ => {
                    let Some((after_any, tried)) = retry else { return false };
                    retry = Some((after_any, tried + 1));
                    (glob, at) = (after_any, tried + 1);
                }
            }
        }
        self.0[glob..].iter().all(|it| *it == Glob::Any)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn like() {
        for (pattern, text, expected) in [
            ("%", "", true),
            ("a%c", "ABBBC", true),
            ("a_c", "abc", true),
            ("a_c", "ac", false),
            ("%種苗%", "カネコ種苗株式会社", true),
            ("100\\%", "100%", true),
            ("100\\%", "1000", false),
            ("%a%b", "xaxxbxb", true),
            ("", "x", false),
        ] {
            assert_eq!(Pattern::new(pattern).matches(text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn null_is_unequal_but_never_less_or_greater() {
        let hundred = Comparand::Number(100.0);
        assert!(hundred.is(Operator::NotEqual, ValueRef::Null));
        assert!(!hundred.is(Operator::Less, ValueRef::Null));
        assert!(!hundred.is(Operator::GreaterOrEqual, ValueRef::Null));
        assert!(Comparand::Null.is(Operator::Equal, ValueRef::Null));
        assert!(!Comparand::Null.is(Operator::Equal, ValueRef::Number(0.0)));
    }

    #[test]
    fn a_keyset_condition_bounds_the_stamps() {
        let stamp =
            crate::org::schema::ObjectSchema::of(crate::org::schema::Object::Lead).known("SystemModstamp");
        let compare = |operator, at| Test::Compare {
            access: Access::Field(stamp),
            operator,
            with: Comparand::DateTime(at),
        };
        let keyset = Test::Any(vec![
            Test::All(vec![compare(Operator::Equal, 7), Test::All(vec![])]),
            compare(Operator::Greater, 7),
        ]);
        assert_eq!(keyset.stamp_bounds(), (7, i64::MAX));
    }
}
