//! Use cases of accounts.

use std::collections::{BTreeMap, BTreeSet};

use domain::ids::GoldenId;
use entity::accounts::golden_account::{Column, Entity, Model};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use super::access;
use crate::error::Result;
use crate::golden::served;
use crate::platform::context::RequestContext;
use crate::platform::database::lists;

/// The account, if the caller sees it; an id that lost a merge gives its survivor.
pub async fn find(ctx: &RequestContext, id: GoldenId) -> Result<Option<Model>> {
    Ok(served::find(ctx.read(), access::visible_to(&ctx.caller), id).await?)
}

/// The account as rules see it, whoever asks.
pub async fn for_rules(db: &impl ConnectionTrait, id: GoldenId) -> Result<Option<Model>> {
    Ok(served::find(db, Entity::find().filter(Column::RedirectTo.is_null()), id).await?)
}

/// What these accounts are called now: each id that there is, with its survivor if it lost a merge, or else with itself.
pub async fn survivors(
    db: &impl ConnectionTrait,
    ids: &BTreeSet<GoldenId>,
) -> Result<BTreeMap<GoldenId, GoldenId>> {
    let ids: Vec<GoldenId> = ids.iter().copied().collect();
    let mut survivors = BTreeMap::new();
    for list in lists(db, &ids) {
        let rows = Entity::find().select_only().columns([Column::Id, Column::RedirectTo]);
        let rows = rows.filter(list.holds(Column::Id)).into_tuple().all(db).await?;
        let rows = rows.into_iter().map(|(id, to): (GoldenId, Option<GoldenId>)| (id, to.unwrap_or(id)));
        survivors.extend(rows);
    }
    Ok(survivors)
}
