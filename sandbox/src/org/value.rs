//! One field's value, owned or borrowed from a row.
//!
//! Here: the kinds of value. Not here: their JSON form (`rest::json`), their comparison (`soql::filter`).

use super::record_id::RecordId;

/// A value on its way into a record.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    Text(String),
    Bool(bool),
    Number(f64),
    /// Days since 1970-01-01.
    Date(i32),
    /// Seconds since 1970-01-01T00:00:00Z.
    DateTime(i64),
    Id(RecordId),
}

/// A value as it lies in a record.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum ValueRef<'a> {
    Null,
    Text(&'a str),
    Bool(bool),
    Number(f64),
    Date(i32),
    DateTime(i64),
    Id(RecordId),
}

impl Value {
    /// Text, or null when it is empty: the CRM keeps no empty text.
    pub(crate) fn text(text: impl Into<String>) -> Value {
        let text = text.into();
        if text.is_empty() { Value::Null } else { Value::Text(text) }
    }

    pub(crate) fn borrow(&self) -> ValueRef<'_> {
        match self {
            Value::Null => ValueRef::Null,
            Value::Text(text) => ValueRef::Text(text),
            Value::Bool(it) => ValueRef::Bool(*it),
            Value::Number(it) => ValueRef::Number(*it),
            Value::Date(it) => ValueRef::Date(*it),
            Value::DateTime(it) => ValueRef::DateTime(*it),
            Value::Id(it) => ValueRef::Id(*it),
        }
    }
}

impl ValueRef<'_> {
    pub(crate) fn is_null(self) -> bool {
        self == ValueRef::Null
    }

    pub(crate) fn to_owned(self) -> Value {
        match self {
            ValueRef::Null => Value::Null,
            ValueRef::Text(text) => Value::Text(text.to_owned()),
            ValueRef::Bool(it) => Value::Bool(it),
            ValueRef::Number(it) => Value::Number(it),
            ValueRef::Date(it) => Value::Date(it),
            ValueRef::DateTime(it) => Value::DateTime(it),
            ValueRef::Id(it) => Value::Id(it),
        }
    }
}
