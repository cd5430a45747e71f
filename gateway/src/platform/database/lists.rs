//! Looking for rows by lists of values, in as many statements as the database likes best.
//!
//! SQLite takes the values one by one. PostgreSQL takes a list as one array: a statement of one parameter is the same text
//! for any number of values, so it is made ready once for each connection.

use std::slice::Chunks;

use sea_orm::sea_query::extension::postgres::PgFunc;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Value};
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend};

/// Values in one statement of SQLite. It takes twenty times as many, but making long statements ready, and keeping them,
/// costs more than sending a few short ones.
const VALUES: usize = 1_500;
/// Values in one array. More would only need more memory at once.
const VALUES_OF_ARRAY: usize = 30_000;

/// Values that rows are looked for by, in one statement.
#[derive(Debug, Clone, Copy)]
pub struct List<'a, V> {
    values: &'a [V],
    is_array: bool,
}

impl<V: Clone + Into<Value>> List<'_, V> {
    /// Whether the column has one of the values.
    pub fn holds(&self, column: impl ColumnTrait) -> Expr {
        condition(self.is_array, column, self.values.iter().cloned())
    }
}

/// Whether a column has one of these values, of which there are few enough for one statement.
pub fn among<V: Into<Value>>(
    db: &impl ConnectionTrait,
    column: impl ColumnTrait,
    values: impl IntoIterator<Item = V>,
) -> Expr {
    condition(db.get_database_backend() == DbBackend::Postgres, column, values)
}

/// As [`among`]; without a list any value will do.
pub fn among_if<V: Clone + Into<Value>>(
    db: &impl ConnectionTrait,
    column: impl ColumnTrait,
    values: Option<&[V]>,
) -> Condition {
    Condition::all().add_option(values.map(|it| among(db, column, it.iter().cloned())))
}

fn condition<V: Into<Value>>(
    is_array: bool,
    column: impl ColumnTrait,
    values: impl IntoIterator<Item = V>,
) -> Expr {
    let values: Vec<Value> = values.into_iter().map(Into::into).collect();
    match values.first().map(Value::array_type) {
        Some(array_type) if is_array => {
            let array = Value::Array(array_type, Some(Box::new(values)));
            Expr::col(column.as_column_ref()).eq(PgFunc::any(Expr::val(array)))
        }
        _ => column.is_in(values),
    }
}

/// Values in lists for one statement each; none for no values.
pub fn lists<'a, V>(db: &impl ConnectionTrait, values: &'a [V]) -> Lists<'a, V> {
    let is_array = db.get_database_backend() == DbBackend::Postgres;
    Lists { chunks: values.chunks(if is_array { VALUES_OF_ARRAY } else { VALUES }), is_array }
}

/// What [`lists`] gives.
#[derive(Debug)]
pub struct Lists<'a, V> {
    chunks: Chunks<'a, V>,
    is_array: bool,
}

impl<'a, V> Iterator for Lists<'a, V> {
    type Item = List<'a, V>;

    fn next(&mut self) -> Option<Self::Item> {
        self.chunks.next().map(|values| List { values, is_array: self.is_array })
    }
}
