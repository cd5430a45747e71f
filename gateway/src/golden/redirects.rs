//! Ids that lost a merge: they redirect to their survivor, for ever or until they are given back.

use std::collections::{BTreeMap, BTreeSet};

use domain::fields::RecordKind;
use domain::ids::{GoldenId, SourceRecordId};
use entity::golden::{merge_operation, settlement};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
};
use serde_json::json;

use super::links::{Linked, Occasion};
use super::served;
use super::service::Engine;
use crate::error::Result;
use crate::platform::database::lists;
use crate::sync::outbound;

/// Writes the merges down; from now on the losers redirect to their survivors.
pub(super) async fn merge(
    db: &impl ConnectionTrait,
    engine: &Engine,
    Occasion { kind, now }: Occasion,
    linked: &Linked,
    by: &str,
) -> Result<()> {
    outbound::merged(db, engine, &linked.merged).await?;
    for &(loser, survivor) in &linked.merged {
        let moved = linked.moved.iter().filter(|it| it.from == loser && it.to == survivor);
        let moved: Vec<SourceRecordId> = moved.map(|it| it.fact.row.id).collect();
        let operation = merge_operation::Model {
            id: engine.clock.new_id(),
            kind,
            survivor_id: survivor,
            loser_id: loser,
            moved_records: json!(moved).to_string(),
            evidence: json!({ "policy": engine.policies.matching.version() }).to_string(),
            merged_at: now,
            merged_by: by.to_owned(),
            undone_at: None,
            undone_by: None,
        };
        operation.into_active_model().insert(db).await?;
        settlement::Entity::delete_by_id(loser).exec(db).await?;
        served::redirect_kind(db, kind, loser, survivor, now).await?;
    }
    Ok(())
}

/// Makes ids records of their own again. What had been merged into them comes back with them.
pub(super) async fn restore(
    db: &impl ConnectionTrait,
    Occasion { kind, now }: Occasion,
    restored: &[GoldenId],
    by: &str,
) -> Result<()> {
    use merge_operation::Column;
    outbound::restored(db, restored).await?;
    for &id in restored {
        merge_operation::Entity::update_many()
            .col_expr(Column::UndoneAt, Expr::value(now))
            .col_expr(Column::UndoneBy, Expr::value(by))
            .filter(Column::LoserId.eq(id))
            .filter(Column::UndoneAt.is_null())
            .exec(db)
            .await?;
        let followers = losers_of(db, id).await?;
        served::give_back_kind(db, kind, id, &followers, now).await?;
    }
    Ok(())
}

/// Everything that was merged into this id, directly or through another.
pub(super) async fn losers_of(db: &impl ConnectionTrait, id: GoldenId) -> Result<Vec<GoldenId>> {
    use merge_operation::Column;
    let mut losers: BTreeSet<GoldenId> = BTreeSet::new();
    let mut survivors = vec![id];
    while !survivors.is_empty() {
        let mut found = Vec::new();
        for list in lists(db, &survivors) {
            let merges = merge_operation::Entity::find()
                .filter(list.holds(Column::SurvivorId))
                .filter(Column::UndoneAt.is_null());
            found.extend(merges.all(db).await?.into_iter().map(|it| it.loser_id));
        }
        survivors = found.into_iter().filter(|it| losers.insert(*it)).collect();
    }
    Ok(losers.into_iter().collect())
}

/// The golden records into which these were merged themselves, as far as that holds.
pub(super) async fn survivors(
    db: &impl ConnectionTrait,
    ids: &[GoldenId],
) -> Result<BTreeMap<GoldenId, GoldenId>> {
    use merge_operation::Column;
    let mut survivors = BTreeMap::new();
    for list in lists(db, ids) {
        let merges: Vec<(GoldenId, GoldenId)> = merge_operation::Entity::find()
            .select_only()
            .columns([Column::LoserId, Column::SurvivorId])
            .filter(list.holds(Column::LoserId))
            .filter(Column::UndoneAt.is_null())
            .into_tuple()
            .all(db)
            .await?;
        survivors.extend(merges);
    }
    Ok(survivors)
}

/// Those of these ids that redirect at the moment, with where they lead.
pub(super) async fn redirecting(
    db: &impl ConnectionTrait,
    kind: RecordKind,
    ids: &[GoldenId],
) -> Result<BTreeMap<GoldenId, GoldenId>> {
    Ok(served::redirecting_kind(db, kind, ids).await?.into_iter().collect())
}
