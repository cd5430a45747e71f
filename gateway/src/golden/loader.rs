//! Batched reads of traces.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use domain::fields::RecordKind;
use domain::ids::GoldenId;
use entity::golden::settlement;
use mastering::golden_record::GoldenRecord;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::error::{Error, Result};
use crate::platform::context::RequestContext;
use crate::platform::graphql::batch::BatchLoad;

/// A golden record that the caller was shown already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RecordRef {
    /// What it describes.
    pub kind: RecordKind,
    /// Its id.
    pub id: GoldenId,
}

/// The settlements of golden records. Whoever asks has shown the caller the record itself.
#[derive(Default)]
pub struct SettlementsOf;

#[async_trait]
impl BatchLoad for SettlementsOf {
    type Key = RecordRef;
    type Value = Arc<GoldenRecord>;

    async fn load(
        ctx: &RequestContext,
        records: &[RecordRef],
    ) -> Result<HashMap<RecordRef, Arc<GoldenRecord>>> {
        let ids = records.iter().map(|it| it.id);
        let rows = settlement::Entity::find()
            .filter(settlement::Column::GoldenId.is_in(ids))
            .all(ctx.read())
            .await?;
        let read = |row: settlement::Model| {
            let golden = GoldenRecord::from_trace(row.kind, &row.trace).map_err(Error::internal)?;
            Ok((RecordRef { kind: row.kind, id: row.golden_id }, Arc::new(golden)))
        };
        rows.into_iter().map(read).collect()
    }
}
