//! Batched reads: the golden records that sources' records belong to, the reports of runs.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use domain::fields::RecordKind;
use domain::ids::{GoldenId, SourceRecordId, SyncRunId};
use domain::sources::{SourceKey, SourceSystem};
use entity::golden::{record_link, source_record};
use entity::sync::sync_object_report;
use sea_orm::sea_query::Condition;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use super::reports;
use crate::golden::loader::RecordRef;
use crate::platform::context::RequestContext;
use crate::platform::database::among;
use crate::platform::graphql::batch::{BatchLoad, Loaded, groups_by};

/// The golden record of each record, by what its source calls it. For staff: who sees it is not asked.
#[derive(Default)]
pub struct GoldenOf;

impl BatchLoad for GoldenOf {
    type Key = SourceKey;
    type Value = RecordRef;

    async fn load(ctx: &RequestContext, keys: &[SourceKey]) -> Loaded<Self> {
        use record_link::Column as Link;
        use source_record::Column;
        let records = source_record::Entity::find()
            .select_only()
            .columns([Column::Id, Column::System, Column::Object, Column::ExternalId])
            .filter(named(keys));
        let records: Vec<(SourceRecordId, SourceSystem, String, String)> =
            records.into_tuple().all(ctx.read()).await?;
        let links = record_link::Entity::find()
            .select_only()
            .columns([Link::SourceRecordId, Link::Kind, Link::GoldenId])
            .filter(Link::EndedAt.is_null())
            .filter(among(ctx.read(), Link::SourceRecordId, records.iter().map(|it| it.0)));
        let links: Vec<(SourceRecordId, RecordKind, GoldenId)> = links.into_tuple().all(ctx.read()).await?;
        let golden_of: HashMap<_, _> =
            links.into_iter().map(|(record, kind, id)| (record, RecordRef { kind, id })).collect();
        let entry = |(id, system, object, external_id)| {
            Some((SourceKey { system, object, external_id }, *golden_of.get(&id)?))
        };
        Ok(records.into_iter().filter_map(entry).collect())
    }
}

/// How the objects of each run were read.
#[derive(Default)]
pub struct ReportsOf;

impl BatchLoad for ReportsOf {
    type Key = SyncRunId;
    type Value = Arc<Vec<sync_object_report::Model>>;

    async fn load(ctx: &RequestContext, runs: &[SyncRunId]) -> Loaded<Self> {
        let reports = groups_by(reports::of_runs(ctx.read(), runs).await?, |it| it.run_id);
        Ok(reports.into_iter().map(|(run, reports)| (run, Arc::new(reports))).collect())
    }
}

fn named(keys: &[SourceKey]) -> Condition {
    use source_record::Column;
    let mut of_place: BTreeMap<(&SourceSystem, &str), Vec<&str>> = BTreeMap::new();
    for key in keys {
        of_place.entry((&key.system, &key.object)).or_default().push(&key.external_id);
    }
    of_place.into_iter().fold(Condition::any(), |any, ((system, object), ids)| {
        let place = Condition::all().add(Column::System.eq(system.clone())).add(Column::Object.eq(object));
        any.add(place.add(Column::ExternalId.is_in(ids)))
    })
}
