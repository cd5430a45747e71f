//! Batched reads of traces.

use std::sync::Arc;

use async_graphql::ID;
use domain::fields::RecordKind;
use domain::ids::{GoldenId, PartnerId};
use entity::golden::{observation, settlement};
use mastering::golden_record::GoldenRecord;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::error::{Error, NotFound, Result};
use crate::platform::context::RequestContext;
use crate::platform::database::among;
use crate::platform::graphql::batch::{BatchLoad, Loaded};
use crate::platform::graphql::node_id::{NodeId, NodeType};

/// A golden record that the caller was shown already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RecordRef {
    /// What it describes.
    pub kind: RecordKind,
    /// Its id.
    pub id: GoldenId,
}

impl RecordRef {
    /// The record behind a global id.
    pub fn parse(id: &ID) -> Result<Self> {
        let node: NodeId = id.parse()?;
        let kind = RecordKind::ALL.iter().copied().find(|it| node_type(*it) == node.node_type);
        let kind = kind.ok_or(NotFound("golden record"))?;
        Ok(Self { kind, id: node.id.into() })
    }

    /// Its global id.
    pub fn global_id(self) -> ID {
        NodeId::encode(node_type(self.kind), self.id)
    }
}

/// The type that golden records of a kind have in the API.
pub fn node_type(kind: RecordKind) -> NodeType {
    match kind {
        RecordKind::Account => NodeType::Account,
        RecordKind::Contact => NodeType::Contact,
        RecordKind::Lead => NodeType::Lead,
        RecordKind::Opportunity => NodeType::Opportunity,
    }
}

/// The partner whose people entered what an observation noted, by the observation's number; nothing for what came from
/// elsewhere.
#[derive(Default)]
pub struct SupplierOf;

impl BatchLoad for SupplierOf {
    type Key = i64;
    type Value = PartnerId;

    async fn load(ctx: &RequestContext, sequences: &[i64]) -> Loaded<Self> {
        use observation::Column;
        let rows = observation::Entity::find()
            .select_only()
            .columns([Column::Sequence, Column::SuppliedBy])
            .filter(among(ctx.read(), Column::Sequence, sequences.iter().copied()))
            .filter(Column::SuppliedBy.is_not_null());
        Ok(rows.into_tuple::<(i64, PartnerId)>().all(ctx.read()).await?.into_iter().collect())
    }
}

/// The settlements of golden records. Whoever asks has shown the caller the record itself.
#[derive(Default)]
pub struct SettlementsOf;

impl BatchLoad for SettlementsOf {
    type Key = RecordRef;
    type Value = Arc<GoldenRecord>;

    async fn load(ctx: &RequestContext, records: &[RecordRef]) -> Loaded<Self> {
        let ids = records.iter().map(|it| it.id);
        let rows = settlement::Entity::find()
            .filter(among(ctx.read(), settlement::Column::GoldenId, ids))
            .all(ctx.read())
            .await?;
        let read = |row: settlement::Model| {
            let golden = GoldenRecord::from_trace(row.kind, &row.trace).map_err(Error::internal)?;
            Ok((RecordRef { kind: row.kind, id: row.golden_id }, Arc::new(golden)))
        };
        rows.into_iter().map(read).collect()
    }
}
