//! Salesforce.
//!
//! Here: everything particular about it, one file per subject; this one only ties them to the trait.
//! What to know: stamps have whole seconds and thousands of rows share one, so reading is ordered by stamp *and*
//! id; sessions end without notice, and 401 is the only sign; errors are arrays, except where they are not.
//! Not here: what its records mean to us (`mapping`, `mastering`).

mod config;

mod auth;
mod client;
mod error;

mod bulk;
mod count;
mod cursor;
mod decode;
mod deletions;
mod describe;
mod drift;
mod ids;
mod json;
mod limits;
mod read;
mod record_id;
mod redact;
mod schema;
mod sheet;
mod slices;
mod soql;
mod types;
mod value;
mod write;

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::fields::{Field, RecordKind};
use domain::sources::SourceSystem;

use crate::connector::{
    ApiBudget, BulkPage, BulkPlace, Connector, Deletions, Health, IdPage, Page, Position, Priority,
    RecordChange, RecordWrite, SchemaDescription, SchemaReading, Span, Tally, WriteRefusal, Writing, Written,
};
use crate::error::ConnectorError;
use crate::mapping::{Mapping, ObjectMapping};

pub use config::{BulkOptions, Config, Credentials, TokenKeeper, TokenKeeperError};
pub use record_id::{InvalidRecordId, RecordId};

use client::Client;
use schema::Schema;

/// One Salesforce org. Clones share connection and description.
#[derive(Clone)]
pub struct Salesforce {
    system: SourceSystem,
    mapping: Arc<Mapping>,
    client: Client,
    schema: Arc<Schema>,
    bulk: BulkOptions,
}

impl Salesforce {
    /// Checks the settings. Talks to nobody yet.
    pub fn new(config: Config) -> Result<Self, ConnectorError> {
        Ok(Self {
            client: Client::new(&config)?,
            schema: Arc::default(),
            bulk: config.bulk,
            system: config.system,
            mapping: config.mapping,
        })
    }

    fn mapped(&self, kind: RecordKind) -> Result<&ObjectMapping, ConnectorError> {
        self.mapping.of(kind).ok_or(ConnectorError::NotMapped { kind })
    }
}

#[async_trait]
impl Connector for Salesforce {
    fn system(&self) -> &SourceSystem {
        &self.system
    }

    fn kinds(&self) -> Vec<RecordKind> {
        self.mapping.kinds()
    }

    fn object(&self, kind: RecordKind) -> Result<&str, ConnectorError> {
        self.mapped(kind).map(|it| it.object.as_str())
    }

    async fn check(&self) -> Result<(), ConnectorError> {
        self.client.check_version().await?;
        for object in self.mapping.objects() {
            schema::check(&self.client, object).await?;
        }
        Ok(())
    }

    async fn refresh_schema(&self, known: &SchemaDescription) -> Result<SchemaReading, ConnectorError> {
        let mut description = SchemaDescription::default();
        let mut changes = Vec::new();
        let objects = self.mapping.objects();
        let now = self.schema.learn(&self.client, objects).await?;
        for (object, now) in objects.iter().zip(now) {
            let before = known.objects.get(&object.object);
            let now = now.map(|it| it.to_keep());
            if let (Some(before), Some(now)) = (before, &now) {
                changes.extend(drift::drift(object, before, now));
            }
            // What we are not shown today is compared with what it was, when it comes back.
            let kept = now.or_else(|| before.cloned());
            description.objects.extend(kept.map(|it| (object.object.clone(), it)));
        }
        Ok(SchemaReading { description, changes })
    }

    async fn read_page(&self, kind: RecordKind, from: &Position) -> Result<Page, ConnectorError> {
        self.page(kind, from).await
    }

    async fn open_bulk(
        &self,
        kind: RecordKind,
        since: Option<DateTime<Utc>>,
    ) -> Result<BulkPlace, ConnectorError> {
        self.open_job(kind, since).await
    }

    async fn read_bulk(&self, kind: RecordKind, at: &BulkPlace) -> Result<BulkPage, ConnectorError> {
        self.job_page(kind, at).await
    }

    async fn close_bulk(&self, at: &BulkPlace) -> Result<(), ConnectorError> {
        self.close_job(at).await
    }

    async fn ids(&self, kind: RecordKind, next: Option<&str>) -> Result<IdPage, ConnectorError> {
        self.id_page(kind, next).await
    }

    async fn count(&self, kind: RecordKind, span: &Span) -> Result<Tally, ConnectorError> {
        self.tally(kind, span).await
    }

    async fn computed_fields(&self, kind: RecordKind) -> Result<Vec<Field>, ConnectorError> {
        let selection = self.schema.of(&self.client, self.mapped(kind)?).await?;
        Ok(selection.computed().to_vec())
    }

    async fn read_fields(
        &self,
        kind: RecordKind,
        fields: &[Field],
        after: Option<&str>,
    ) -> Result<Page, ConnectorError> {
        self.fields_page(kind, fields, after).await
    }

    async fn deletions(
        &self,
        kind: RecordKind,
        since: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Deletions, ConnectorError> {
        deletions::read(&self.client, self.object(kind)?, since, until).await
    }

    async fn fetch(&self, kind: RecordKind, external_ids: &[String]) -> Result<Page, ConnectorError> {
        self.named(kind, external_ids).await
    }

    async fn made_by_us(&self, kind: RecordKind, keys: &[String]) -> Result<Page, ConnectorError> {
        self.keyed(kind, keys).await
    }

    fn writing(&self, kind: RecordKind) -> Writing {
        self.mapping.of(kind).map(|it| it.writing).unwrap_or_default()
    }

    fn writes(&self, field: Field) -> bool {
        self.mapping.of(field.record()).and_then(|it| it.field(field)).is_some_and(|it| it.write)
    }

    async fn update(&self, change: &RecordChange) -> Result<Written, ConnectorError> {
        self.write_one(change).await
    }

    async fn write(&self, writes: &[RecordWrite]) -> Vec<Result<Written, WriteRefusal>> {
        self.write_all(writes).await
    }

    fn at_priority(&self, priority: Priority) -> Arc<dyn Connector> {
        Arc::new(Self { client: self.client.at_priority(priority), ..self.clone() })
    }

    async fn refresh_budget(&self) -> Result<ApiBudget, ConnectorError> {
        limits::read(&self.client).await
    }

    fn health(&self) -> Health {
        self.client.health()
    }

    fn budget(&self) -> Option<ApiBudget> {
        self.client.budget()
    }
}
