//! Lists of golden records as of then.
//!
//! Ids are read page by page in the order of creation, and what they were is settled again; only then is it known
//! whether a filter lets them through.

use async_graphql::OutputType;
use domain::ids::GoldenId;
use entity::golden::record_link;
use futures::future::BoxFuture;
use mastering::history::AsOf;
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, Order, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::members;
use super::past::{Past, past};
use crate::error::Result;
use crate::golden::graphql::AsOfRefusal;
use crate::golden::served::Served;
use crate::platform::context::RequestContext;
use crate::platform::graphql::connection::{Page, PageInput, SortKey, is_by_id};
use crate::platform::graphql::search::{Looked, Place, searched_page};

/// How many records are settled at once while a filter is looked for.
const STEP: u64 = 250;

/// Which records of the past are wanted.
pub type Filter<M> = Box<dyn Fn(&Past<M>) -> bool + Send + Sync>;

/// What is wanted of a list of the past.
pub struct Wanted<M> {
    /// As of when.
    pub as_of: AsOf,
    /// Which page.
    pub input: PageInput,
    /// Which records; all when there is no filter.
    pub filter: Option<Filter<M>>,
}

/// A page of the records that there were as of then. Those that every source had deleted are left out, as they are of
/// today's lists.
pub async fn page<E, N>(
    ctx: &RequestContext,
    wanted: Wanted<E::Model>,
    sort: impl SortKey<E::Model>,
    node: impl Fn(Past<E::Model>) -> N + Sync,
) -> Result<Page<N>>
where
    E: Served,
    E::Model: Send + Sync,
    N: OutputType + Send,
{
    if !is_by_id(&sort.sample()) {
        return Err(AsOfRefusal::AsOfOrder.into());
    }
    let Wanted { as_of, input, filter } = &wanted;
    let step = if filter.is_some() { STEP } else { 1 };
    let node = &node;
    let look = |place: Place| -> BoxFuture<'_, Result<Looked<N>>> {
        Box::pin(async move {
            let ids = ids::<E>(ctx, *as_of, place).await?;
            let mut records = past::<E>(ctx, *as_of, &ids).await?;
            let mut shown = |id: GoldenId| {
                let record = records.remove(&id).filter(|it| it.is_listed())?;
                filter.as_ref().is_none_or(|it| it(&record)).then(|| node(record))
            };
            Ok(ids.iter().map(|&id| (Uuid::from(id), shown(id))).collect())
        })
    };
    searched_page(sort, input, step, AsOfRefusal::AsOfNotCounted.into(), look).await
}

/// The ids at a place of the records that had members then.
async fn ids<E: Served>(ctx: &RequestContext, as_of: AsOf, place: Place) -> Result<Vec<GoldenId>> {
    let mut query = E::find()
        .select_only()
        .column(E::ID)
        .filter(E::CREATED_AT.lte(as_of.recorded_at))
        .filter(has_members::<E>(as_of))
        .order_by(E::ID, if place.is_ascending { Order::Asc } else { Order::Desc })
        .limit(place.limit);
    if let Some(id) = place.above {
        query = query.filter(E::ID.gt(id));
    }
    if let Some(id) = place.below {
        query = query.filter(E::ID.lt(id));
    }
    Ok(query.into_tuple().all(ctx.read()).await?)
}

/// What had lost a merge by then has none.
fn has_members<E: Served>(as_of: AsOf) -> Expr {
    let golden = record_link::Column::GoldenId;
    let of_this = Expr::col((record_link::Entity, golden)).equals((E::default(), E::ID));
    let members = Query::select()
        .expr(Expr::val(1))
        .from(record_link::Entity)
        .and_where(of_this)
        .cond_where(members::in_force_at(as_of.recorded_at))
        .take();
    Expr::exists(members)
}
