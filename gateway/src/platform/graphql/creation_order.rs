//! The order of lists that have no other: by when their rows came into being, which their ids tell.

use async_graphql::Enum;
use sea_orm::ColumnTrait;
use sea_orm::sea_query::{Expr, SimpleExpr};
use uuid::Uuid;

use super::connection::SortKey;
use super::cursor::SortValue;

/// Orders by creation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Enum)]
pub enum CreationOrder {
    /// Newest first.
    #[default]
    CreatedDesc,
    /// Oldest first.
    CreatedAsc,
}

impl CreationOrder {
    /// The order of a list of this name, whose rows have their ids in a column.
    pub fn of<C, M>(self, list: &'static str, column: C, id: fn(&M) -> Uuid) -> ByCreation<C, M> {
        ByCreation { order: self, list, column, id }
    }
}

/// The order of one list by creation.
pub struct ByCreation<C, M> {
    order: CreationOrder,
    list: &'static str,
    column: C,
    id: fn(&M) -> Uuid,
}

impl<C: Copy, M> Clone for ByCreation<C, M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C: Copy, M> Copy for ByCreation<C, M> {}

impl<C: ColumnTrait, M: 'static> SortKey<M> for ByCreation<C, M> {
    fn name(self) -> String {
        format!("{}/{:?}", self.list, self.order)
    }

    fn expression(self) -> SimpleExpr {
        Expr::col(self.column)
    }

    fn is_ascending(self) -> bool {
        self.order == CreationOrder::CreatedAsc
    }

    fn value(self, row: &M) -> SortValue {
        SortValue::Id((self.id)(row))
    }

    fn sample(self) -> SortValue {
        SortValue::Id(Uuid::nil())
    }
}
