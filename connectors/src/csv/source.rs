//! A file as a connector: one object, read whole, never written to.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::fields::{Field, RecordKind};
use domain::sources::{SourceRecord, SourceSystem};
use domain::sync::SyncErrorCategory;

use super::{Csv, PAGE};
use crate::connector::{
    ApiBudget, Circuit, Connector, Deletions, FieldDescription, Health, IdPage, IdStamp, ObjectDescription,
    Page, Position, Priority, RecordChange, RecordWrite, Remedy, SchemaDescription, SchemaReading, Span,
    Tally, WriteRefusal, Written,
};
use crate::error::ConnectorError;
use crate::mapping::key_of;

#[async_trait]
impl Connector for Csv {
    fn system(&self) -> &SourceSystem {
        &self.config.system
    }

    fn kinds(&self) -> Vec<RecordKind> {
        vec![self.config.headers.object.kind]
    }

    fn object(&self, kind: RecordKind) -> Result<&str, ConnectorError> {
        let object = &self.config.headers.object;
        if object.kind == kind { Ok(&object.object) } else { Err(ConnectorError::NotMapped { kind }) }
    }

    async fn check(&self) -> Result<(), ConnectorError> {
        self.open().map(drop)
    }

    /// A file describes nothing but its columns. One that the mapping needs and the file lacks is an error of its own.
    async fn refresh_schema(&self, _: &SchemaDescription) -> Result<SchemaReading, ConnectorError> {
        let object = &self.config.headers.object;
        self.open()?;
        let columns = object.fields.iter().map(|it| it.source.first().to_owned());
        let fields = columns.map(|it| (it, FieldDescription::default())).collect();
        let objects = [(object.object.clone(), ObjectDescription { fields })].into();
        Ok(SchemaReading { description: SchemaDescription { objects }, changes: Vec::new() })
    }

    async fn read_page(&self, _: RecordKind, from: &Position) -> Result<Page, ConnectorError> {
        self.page(from)
    }

    async fn ids(&self, _: RecordKind, _: Option<&str>) -> Result<IdPage, ConnectorError> {
        let content = self.open()?;
        let id = |it: &SourceRecord| IdStamp {
            external_id: it.key.external_id.clone(),
            stamp: it.stamp,
            is_deleted: false,
        };
        let ids: BTreeSet<IdStamp> = content.records.iter().flatten().map(id).collect();
        let total = Some(ids.len() as u64);
        Ok(IdPage { ids: ids.into_iter().collect(), next: None, total, server_time: content.written_at })
    }

    async fn count(&self, _: RecordKind, span: &Span) -> Result<Tally, ConnectorError> {
        let content = self.open()?;
        let is_in = |it: &DateTime<Utc>| {
            span.from.is_none_or(|from| *it >= from) && span.until.is_none_or(|until| *it < until)
        };
        let stamps: Vec<DateTime<Utc>> =
            content.records.iter().flatten().map(|it| it.stamp).filter(is_in).collect();
        let newest = stamps.iter().max().copied();
        Ok(Tally { records: stamps.len() as u64, newest, server_time: content.written_at })
    }

    async fn read_fields(
        &self,
        _: RecordKind,
        fields: &[Field],
        after: Option<&str>,
    ) -> Result<Page, ConnectorError> {
        let content = self.open()?;
        let behind = |it: &&SourceRecord| after.is_none_or(|after| it.key.external_id.as_str() > after);
        let mut records: Vec<&SourceRecord> = content.records.iter().flatten().filter(behind).collect();
        records.sort_unstable_by_key(|it| &it.key.external_id);
        let page = &records[..records.len().min(PAGE)];
        let last = page.last().filter(|_| page.len() < records.len());
        Ok(Page {
            records: page.iter().map(|it| Ok(narrowed(it, fields))).collect(),
            warnings: Vec::new(),
            next: last.map(|it| it.key.external_id.clone()),
            last: None,
            total: None,
            part: 0,
            server_time: content.written_at,
        })
    }

    /// A row that is no longer there says nothing: people export parts.
    async fn deletions(
        &self,
        _: RecordKind,
        since: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Deletions, ConnectorError> {
        Ok(Deletions { external_ids: Vec::new(), covered_until: until, earliest_available: since })
    }

    async fn fetch(&self, _: RecordKind, external_ids: &[String]) -> Result<Page, ConnectorError> {
        self.named(external_ids)
    }

    fn writes(&self, _: Field) -> bool {
        false
    }

    async fn update(&self, change: &RecordChange) -> Result<Written, ConnectorError> {
        let field = change.values.iter().next().map(|it| it.0);
        let key = field.map_or_else(|| change.key.object.clone(), key_of);
        Err(ConnectorError::ReadOnlyField { key })
    }

    async fn write(&self, writes: &[RecordWrite]) -> Vec<Result<Written, WriteRefusal>> {
        let refused = WriteRefusal {
            remedy: Remedy::Decide,
            category: SyncErrorCategory::Permission,
            code: "READ_ONLY_SOURCE".to_owned(),
            message: "files are read and never written to".to_owned(),
            fields: Vec::new(),
            matches: Vec::new(),
        };
        writes.iter().map(|_| Err(refused.clone())).collect()
    }

    fn at_priority(&self, _: Priority) -> Arc<dyn Connector> {
        Arc::new(Csv::new(self.config.clone()))
    }

    async fn refresh_budget(&self) -> Result<ApiBudget, ConnectorError> {
        Ok(ApiBudget { used: 0, limit: u64::MAX })
    }

    fn health(&self) -> Health {
        Health {
            circuit: Circuit::Closed { failures: 0 },
            concurrency: 1,
            in_flight: 0,
            budget: None,
            is_reserved: false,
            are_credentials_refused: false,
        }
    }

    fn budget(&self) -> Option<ApiBudget> {
        None
    }
}

/// A record that says nothing but some of its fields.
fn narrowed(record: &SourceRecord, fields: &[Field]) -> SourceRecord {
    let values = record.values.iter().filter(|(field, _)| fields.contains(field));
    let values = values.map(|(field, value)| (field, value.map(str::to_owned))).collect();
    SourceRecord { values, ..record.clone() }
}
