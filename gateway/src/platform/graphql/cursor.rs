//! Cursors: the place of a row in an order, opaque to clients.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What a row is sorted by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SortValue {
    /// By id, hence by creation.
    Id(Uuid),
    /// By text.
    Text(String),
    /// By an instant.
    Instant(DateTime<Utc>),
    /// By a date.
    Date(NaiveDate),
    /// By a whole number.
    Integer(i64),
}

impl From<SortValue> for sea_orm::Value {
    fn from(value: SortValue) -> Self {
        match value {
            SortValue::Id(id) => id.into(),
            SortValue::Text(text) => text.into(),
            SortValue::Instant(instant) => instant.into(),
            SortValue::Date(date) => date.into(),
            SortValue::Integer(integer) => integer.into(),
        }
    }
}

/// The place of a row in an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// Name of the order; a cursor is worth nothing in another.
    order: String,
    /// What the row is sorted by.
    pub value: SortValue,
    /// Breaks ties.
    pub id: Uuid,
}

/// A text that is no cursor of this query.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "this is not a cursor of this query; pass an `endCursor` or `startCursor` of a page with the same order"
)]
pub struct InvalidCursor;

impl Cursor {
    /// The place of a row in the named order.
    pub fn new(order: &str, value: SortValue, id: Uuid) -> Self {
        Self { order: order.to_owned(), value, id }
    }

    /// As the API shows it.
    pub fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).expect("texts, numbers and times are JSON"))
    }

    /// Reads a cursor of the named order whose value is of the same kind as `sample`.
    pub fn decode(text: &str, order: &str, sample: &SortValue) -> Result<Self, InvalidCursor> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidCursor)?;
        let cursor: Self = serde_json::from_slice(&bytes).map_err(|_| InvalidCursor)?;
        let fits =
            cursor.order == order && std::mem::discriminant(&cursor.value) == std::mem::discriminant(sample);
        if fits { Ok(cursor) } else { Err(InvalidCursor) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &str) -> SortValue {
        SortValue::Text(value.to_owned())
    }

    #[test]
    fn a_cursor_survives_its_text() {
        let cursor = Cursor::new("COMPANY", text("極洋"), Uuid::max());
        assert_eq!(Cursor::decode(&cursor.encode(), "COMPANY", &text("")), Ok(cursor));
    }

    #[test]
    fn a_cursor_of_another_order_is_refused() {
        let cursor = Cursor::new("COMPANY", text("極洋"), Uuid::max()).encode();
        assert_eq!(Cursor::decode(&cursor, "NAME", &text("")), Err(InvalidCursor));
        assert_eq!(Cursor::decode(&cursor, "COMPANY", &SortValue::Integer(0)), Err(InvalidCursor));
        assert_eq!(Cursor::decode("%%%", "COMPANY", &text("")), Err(InvalidCursor));
    }
}
