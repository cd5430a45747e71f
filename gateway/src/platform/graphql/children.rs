//! The newest rows of each of many parents, in one statement.

use std::collections::HashMap;
use std::hash::Hash;

use sea_orm::sea_query::{Alias, Expr, ExprTrait, Order, Query, WindowStatement};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, Iden, QueryFilter, QueryOrder, QueryTrait, Select,
    Value,
};

use crate::platform::database::among;

/// Most rows that one parent shows.
pub const MAX_CHILDREN: i32 = 50;

/// At most `limit` rows of each parent, newest (greatest id) first.
pub async fn newest_per_parent<E, P>(
    db: &impl ConnectionTrait,
    visible: Select<E>,
    (id, parent): (E::Column, E::Column),
    parents: &[P],
    limit: i32,
    parent_of: impl Fn(&E::Model) -> Option<P>,
) -> Result<HashMap<P, Vec<E::Model>>, DbErr>
where
    E: EntityTrait,
    P: Copy + Eq + Hash + Into<Value>,
{
    let (place, numbered) = (Alias::new("place"), Alias::new("numbered"));
    let of_parents = among(db, parent, parents.iter().copied());
    let mut inner = visible.clone().filter(of_parents).into_query();
    let window = WindowStatement::partition_by(parent.as_column_ref())
        .order_by(id.as_column_ref(), Order::Desc)
        .take();
    inner.clear_selects().column(id.as_column_ref()).expr_window_as(
        Expr::cust("ROW_NUMBER()"),
        window,
        place.clone(),
    );
    let newest = Query::select()
        .column(Alias::new(id.unquoted()))
        .from_subquery(inner, numbered)
        .and_where(Expr::col(place).lte(limit))
        .take();
    let rows = visible.filter(id.in_subquery(newest)).order_by_desc(id).all(db).await?;
    let mut children: HashMap<P, Vec<E::Model>> = HashMap::new();
    for row in rows {
        if let Some(parent) = parent_of(&row) {
            children.entry(parent).or_default().push(row);
        }
    }
    Ok(children)
}
