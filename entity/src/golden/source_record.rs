//! One record in one source, as it stands there now.

use domain::fields::RecordKind;
use domain::ids::SourceRecordId;
use domain::sources::SourceSystem;
use domain::sync::LinkState;
use sea_orm::entity::prelude::*;

/// One record in one source, as it stands there now.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "source_records")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SourceRecordId,
    pub system: SourceSystem,
    /// The source's name for the kind of record.
    pub object: String,
    pub external_id: String,
    pub kind: RecordKind,
    /// The source's system-modification stamp.
    pub stamp: DateTimeUtc,
    /// By the source's clock.
    pub modified_at: DateTimeUtc,
    /// By the source's clock.
    pub created_at: DateTimeUtc,
    /// When we last saw it change.
    pub observed_at: DateTimeUtc,
    /// The observation that last changed it.
    pub sequence: i64,
    /// Equal hash, equal content: an unchanged record is not written again.
    pub content_hash: String,
    pub state: LinkState,
    /// External id of the record the source merged it into.
    pub merged_into: Option<String>,
    /// What is known of each field and since when, as JSON.
    pub facts: String,
    /// When its person was erased: from then on it takes in no values of a person any more.
    pub erased_at: Option<DateTimeUtc>,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
