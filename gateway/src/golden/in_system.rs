//! Golden records as a system knows them: which of them it has or had, and under which id.

use std::collections::{BTreeMap, BTreeSet};

use domain::fields::RecordKind;
use domain::ids::GoldenId;
use domain::sources::{SourceKey, SourceSystem};
use domain::sync::LinkState;
use entity::golden::{record_link, source_record};
use sea_orm::sea_query::Condition;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QuerySelect};

use super::references;
use crate::error::Result;
use crate::platform::database::lists;

/// Those of these golden records that a record of the system ever belonged to, whatever became of it.
pub async fn ever_in(
    db: &impl ConnectionTrait,
    system: &SourceSystem,
    goldens: &[GoldenId],
) -> Result<BTreeSet<GoldenId>> {
    let members = members(db, system, goldens, Condition::all()).await?;
    Ok(members.into_iter().map(|(golden, _)| golden).collect())
}

/// The ids that the system has for these golden records; the first one where it has several.
pub async fn ids_in(
    db: &impl ConnectionTrait,
    system: &SourceSystem,
    goldens: &[GoldenId],
) -> Result<BTreeMap<GoldenId, String>> {
    let living = Condition::all()
        .add(record_link::Column::EndedAt.is_null())
        .add(source_record::Column::State.eq(LinkState::Live));
    let mut ids: BTreeMap<GoldenId, String> = BTreeMap::new();
    for (golden, id) in members(db, system, goldens, living).await? {
        let first = ids.entry(golden).or_insert_with(|| id.clone());
        if id < *first {
            *first = id;
        }
    }
    Ok(ids)
}

async fn members(
    db: &impl ConnectionTrait,
    system: &SourceSystem,
    goldens: &[GoldenId],
    condition: Condition,
) -> Result<Vec<(GoldenId, String)>> {
    let link = source_record::Entity::belongs_to(record_link::Entity)
        .from(source_record::Column::Id)
        .to(record_link::Column::SourceRecordId);
    let query = source_record::Entity::find()
        .select_only()
        .column(record_link::Column::GoldenId)
        .column(source_record::Column::ExternalId)
        .join(JoinType::InnerJoin, link.into())
        .filter(source_record::Column::System.eq(system.clone()))
        .filter(condition);
    let mut members = Vec::new();
    for list in lists(db, goldens) {
        let of_goldens = list.holds(record_link::Column::GoldenId);
        members.extend(query.clone().filter(of_goldens).into_tuple().all(db).await?);
    }
    Ok(members)
}

/// The golden records behind records of a kind, as other systems name them. The objects' names do not count.
pub async fn behind<'a>(
    db: &impl ConnectionTrait,
    kind: RecordKind,
    records: impl IntoIterator<Item = &'a SourceKey>,
) -> Result<BTreeMap<SourceKey, GoldenId>> {
    let mut records: Vec<&SourceKey> = records.into_iter().collect();
    records.sort_unstable();
    let mut behind = BTreeMap::new();
    for of_system in records.chunk_by(|a, b| a.system == b.system) {
        let ids: Vec<&str> = of_system.iter().map(|it| it.external_id.as_str()).collect();
        let found = references::targets(db, kind, &of_system[0].system, &ids).await?;
        let known = of_system.iter().filter_map(|it| Some(((*it).clone(), *found.get(&it.external_id)?)));
        behind.extend(known);
    }
    Ok(behind)
}
