//! What every CRM can do for us.
//!
//! Here: the trait and the shapes of its questions and answers. Time comes from the CRM's clock, never from ours.
//! Not here: how a CRM is spoken to (its folder), what a failure means (`error`).

mod health;
mod reading;
mod schema;
mod writing;

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::fields::{Field, RecordKind};
use domain::sources::SourceSystem;

use crate::error::ConnectorError;

pub use health::{ApiBudget, Circuit, Health, Priority};
pub use reading::{
    BulkPage, BulkPlace, Deletions, IdPage, IdStamp, Keyset, Page, Position, RecordError, Span, Tally,
};
pub use schema::{
    FieldDescription, ObjectDescription, SchemaChange, SchemaDescription, SchemaDrift, SchemaEffect,
    SchemaReading,
};
pub use writing::{RecordChange, RecordWrite, Remedy, WriteRefusal, WriteTarget, Writing, Written};

/// A CRM as a stream of source records. What has a body here is what a CRM without that ability answers.
///
/// Transient failures are retried inside, within the configured attempts and time; what comes out as an error
/// has had its chance, and [`ConnectorError::recovery`] says what is left to do.
#[async_trait]
pub trait Connector: Send + Sync {
    /// The system whose records these are.
    fn system(&self) -> &SourceSystem;

    /// The mapped kinds, each after the kinds it refers to: accounts before contacts before leads.
    fn kinds(&self) -> Vec<RecordKind>;

    /// The CRM's own name for a kind, such as `Lead`.
    fn object(&self, kind: RecordKind) -> Result<&str, ConnectorError>;

    /// Proves that the CRM is reachable, takes our credentials, and has every mapped field.
    async fn check(&self) -> Result<(), ConnectorError>;

    /// Reads the CRM's description of its objects again, and tells what changed since an earlier one: fields that
    /// were added, vanished or changed, and what it means for the mapping. Call it when a run starts, and keep the
    /// description for the next one. Objects that the earlier one does not have are new and change nothing.
    async fn refresh_schema(&self, known: &SchemaDescription) -> Result<SchemaReading, ConnectorError>;

    /// Reads one page in the order of (stamp, external id), deleted records included.
    async fn read_page(&self, kind: RecordKind, from: &Position) -> Result<Page, ConnectorError>;

    /// Opens a reading of many records at once: everything, or what changed at or after a stamp. For first loads
    /// and backfills; [`ConnectorError::BulkUnavailable`] says to read pages instead.
    async fn open_bulk(
        &self,
        kind: RecordKind,
        since: Option<DateTime<Utc>>,
    ) -> Result<BulkPlace, ConnectorError> {
        let _ = since;
        Err(without_bulk(self.object(kind)?))
    }

    /// Reads one page of a bulk reading, deleted records included, and waits for the CRM to have it.
    /// [`ConnectorError::BulkEnded`] says that this reading is lost and another one has to be opened;
    /// [`ConnectorError::BulkUnfinished`] that the same place may be asked for again later.
    async fn read_bulk(&self, kind: RecordKind, at: &BulkPlace) -> Result<BulkPage, ConnectorError> {
        let _ = at;
        Err(without_bulk(self.object(kind)?))
    }

    /// Tells the CRM that a bulk reading is no longer needed. One it does not know any more is fine.
    async fn close_bulk(&self, at: &BulkPlace) -> Result<(), ConnectorError> {
        let _ = at;
        Ok(())
    }

    /// Reads ids and stamps of everything there is, page by page, for comparing sets: `None` begins,
    /// [`IdPage::next`] goes on.
    async fn ids(&self, kind: RecordKind, next: Option<&str>) -> Result<IdPage, ConnectorError>;

    /// What the CRM says it has with stamps in a span: one cheap request.
    async fn count(&self, kind: RecordKind, span: &Span) -> Result<Tally, ConnectorError>;

    /// The mapped fields whose changes move no stamp: formulas, and fields of other records. Only reading them by
    /// [`Connector::read_fields`] now and then notices such a change.
    async fn computed_fields(&self, kind: RecordKind) -> Result<Vec<Field>, ConnectorError> {
        self.object(kind).map(|_| Vec::new())
    }

    /// Reads just some fields of live records, in the order of external ids, behind one of them. The other fields
    /// are absent. [`Page::next`] is the external id to go on behind.
    async fn read_fields(
        &self,
        kind: RecordKind,
        fields: &[Field],
        after: Option<&str>,
    ) -> Result<Page, ConnectorError>;

    /// External ids that disappeared between two instants, among them those that no longer come in pages.
    async fn deletions(
        &self,
        kind: RecordKind,
        since: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Deletions, ConnectorError>;

    /// Reads the named records, deleted ones included. Those the CRM no longer knows are missing in the answer.
    async fn fetch(&self, kind: RecordKind, external_ids: &[String]) -> Result<Page, ConnectorError>;

    /// Reads the records that carry these keys of ours, deleted ones included: whether an unanswered create happened.
    async fn made_by_us(&self, kind: RecordKind, keys: &[String]) -> Result<Page, ConnectorError> {
        let _ = keys;
        self.fetch(kind, &[]).await
    }

    /// How records of a kind are written: whether they are made, changed, or both.
    fn writing(&self, kind: RecordKind) -> Writing {
        let _ = kind;
        Writing::UpdateOnly
    }

    /// Whether the mapping writes the field at all. The CRM may still not let us.
    fn writes(&self, field: Field) -> bool;

    /// Changes fields of one record, provided that nobody changed it since `unmodified_since`.
    async fn update(&self, change: &RecordChange) -> Result<Written, ConnectorError>;

    /// Writes many records with few requests; each has its own result, in the order given. A condition is checked
    /// for the whole batch before it goes out, so it leaves a short window that [`Connector::update`] does not.
    async fn write(&self, writes: &[RecordWrite]) -> Vec<Result<Written, WriteRefusal>>;

    /// The same connection for requests of a priority: allowance, sessions and circuit are shared. A connector is
    /// made for [`Priority::Background`].
    fn at_priority(&self, priority: Priority) -> Arc<dyn Connector>;

    /// Asks the CRM how much of the allowance is used; works even when none is left for anything else.
    async fn refresh_budget(&self) -> Result<ApiBudget, ConnectorError>;

    /// How the connection is doing. Asks nobody.
    fn health(&self) -> Health;

    /// The allowance of requests as the CRM last told it; `None` before its first answer.
    fn budget(&self) -> Option<ApiBudget>;
}

fn without_bulk(object: &str) -> ConnectorError {
    ConnectorError::BulkUnavailable { object: object.to_owned(), code: "NO_BULK".to_owned() }
}
