//! Conditions that every list shares.

use async_graphql::InputObject;
use sea_orm::ColumnTrait;
use sea_orm::sea_query::{BinOper, Condition, Expr, ExprTrait, Func};

/// A condition on a text; all that are given must hold. Upper and lower case are the same.
#[derive(Debug, Clone, Default, InputObject)]
pub struct TextFilter {
    /// Equal to this.
    pub eq: Option<String>,
    /// Contains this.
    pub contains: Option<String>,
    /// Begins with this.
    pub starts_with: Option<String>,
    /// Whether there is no value.
    pub is_null: Option<bool>,
}

impl TextFilter {
    /// The filter as a condition on a column.
    pub fn on(&self, column: impl ColumnTrait) -> Condition {
        let lower = || Func::lower(Expr::col(column.as_column_ref()));
        let equal = self.eq.as_ref().map(|it| lower().eq(Func::lower(it.as_str())));
        let contains = self.contains.as_ref().map(|it| lower().binary(BinOper::Like, pattern("%", it)));
        let starts = self.starts_with.as_ref().map(|it| lower().binary(BinOper::Like, pattern("", it)));
        let null = self.is_null.map(|wanted| if wanted { column.is_null() } else { column.is_not_null() });
        [equal, contains, starts, null].into_iter().flatten().fold(Condition::all(), Condition::add)
    }

    /// Whether a filter, if there is one, lets a value through, for rows that are not in a table.
    pub fn is_met(filter: &Option<Self>, value: &Option<String>) -> bool {
        filter.as_ref().is_none_or(|it| it.lets_through(value.as_deref()))
    }

    fn lets_through(&self, value: Option<&str>) -> bool {
        let value = value.map(str::to_lowercase);
        let is = |test: fn(&str, &str) -> bool, wanted: &Option<String>| {
            let wanted = wanted.as_ref().map(|it| it.to_lowercase());
            wanted.is_none_or(|it| value.as_deref().is_some_and(|value| test(value, &it)))
        };
        is(|value, it| value == it, &self.eq)
            && is(|value, it| value.contains(it), &self.contains)
            && is(|value, it| value.starts_with(it), &self.starts_with)
            && self.is_null.is_none_or(|wanted| wanted == value.is_none())
    }
}

/// The conditions that were given, all of which must hold.
pub fn all_of(conditions: impl IntoIterator<Item = Option<Condition>>) -> Condition {
    conditions.into_iter().flatten().fold(Condition::all(), Condition::add)
}

/// In lower case as the database understands it: SQLite folds ASCII alone, so folding more here would miss `ＡＢＣ`.
fn pattern(before: &str, text: &str) -> Expr {
    let escaped: String = text.chars().flat_map(escape).collect();
    let lower = Func::lower(format!("{before}{escaped}%"));
    Expr::from(lower).binary(BinOper::Escape, Expr::Constant('\\'.into()))
}

/// What people type is text, not a pattern.
fn escape(character: char) -> impl Iterator<Item = char> {
    let is_special = matches!(character, '%' | '_' | '\\');
    is_special.then_some('\\').into_iter().chain([character])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_of_patterns_are_taken_literally() {
        let escaped: String = "100%_\\".chars().flat_map(escape).collect();
        assert_eq!(escaped, "100\\%\\_\\\\");
    }
}
