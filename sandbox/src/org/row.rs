//! A record's stored values, packed: absent ones take no room and all text lies in one piece.
//!
//! 200,000 leads of some sixty fields, half of them empty, are kept in memory; a map or a string
//! per value would cost several times the text itself.

use super::value::{Value, ValueRef};

/// Immutable; a change builds a new row.
#[derive(Debug)]
pub(crate) struct Row {
    /// Bit n is set when slot n holds a value.
    present: u128,
    cells: Box<[Cell]>,
    text: Box<str>,
}

/// Sixteen bytes; text is a stretch of the row's text.
#[derive(Debug, Clone, Copy)]
enum Cell {
    Text { start: u32, end: u32 },
    Bool(bool),
    Number(f64),
    Date(i32),
    DateTime(i64),
    Id(super::record_id::RecordId),
}

impl Row {
    /// Packs at most 128 values, one per slot.
    pub(crate) fn pack(values: &[Value]) -> Row {
        debug_assert!(values.len() <= 128, "a schema has at most 128 stored fields");
        let mut present = 0;
        let mut cells = Vec::with_capacity(values.len());
        let mut text = String::new();
        for (slot, value) in values.iter().enumerate() {
            let cell = match value {
                Value::Null => continue,
                Value::Text(it) => {
                    let start = text.len() as u32;
                    text.push_str(it);
                    Cell::Text { start, end: text.len() as u32 }
                }
                Value::Bool(it) => Cell::Bool(*it),
                Value::Number(it) => Cell::Number(*it),
                Value::Date(it) => Cell::Date(*it),
                Value::DateTime(it) => Cell::DateTime(*it),
                Value::Id(it) => Cell::Id(*it),
            };
            present |= 1 << slot;
            cells.push(cell);
        }
        Row { present, cells: cells.into_boxed_slice(), text: text.into_boxed_str() }
    }

    pub(crate) fn get(&self, slot: u8) -> ValueRef<'_> {
        let bit = 1u128 << slot;
        if self.present & bit == 0 {
            return ValueRef::Null;
        }
        let place = (self.present & (bit - 1)).count_ones() as usize;
        match self.cells[place] {
            Cell::Text { start, end } => ValueRef::Text(&self.text[start as usize..end as usize]),
            Cell::Bool(it) => ValueRef::Bool(it),
            Cell::Number(it) => ValueRef::Number(it),
            Cell::Date(it) => ValueRef::Date(it),
            Cell::DateTime(it) => ValueRef::DateTime(it),
            Cell::Id(it) => ValueRef::Id(it),
        }
    }

    /// The values again, one per slot, to be changed and packed anew.
    pub(crate) fn unpack(&self, slots: usize) -> Vec<Value> {
        (0..slots).map(|slot| self.get(slot as u8).to_owned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_packed_comes_back() {
        let values = vec![
            Value::Null,
            Value::Text("株式会社　極洋".into()),
            Value::Bool(false),
            Value::Null,
            Value::Number(1.5),
            Value::Date(-1),
            Value::DateTime(1_700_000_000),
            Value::Text("x".into()),
        ];
        assert_eq!(Row::pack(&values).unpack(8), values);
    }

    #[test]
    fn a_cell_stays_small() {
        assert_eq!(std::mem::size_of::<Cell>(), 16);
    }
}
