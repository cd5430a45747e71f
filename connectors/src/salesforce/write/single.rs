//! One record, on condition that nobody changed it meanwhile: the CRM itself checks, and leaves no window.
//!
//! Setting values is repeatable, so a lost answer is tried again; if the first try had arrived after all, the second
//! one reports a conflict, and reading the record again shows our own values.
//! Not here: many records (`batch`).

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderValue, IF_UNMODIFIED_SINCE};

use super::super::Salesforce;
use super::super::client::Call;
use super::super::json::JsonRow;
use super::answer::Stored;
use super::prepare::{add_values, record_id};
use crate::connector::{RecordChange, Written};
use crate::error::ConnectorError;
use crate::http::to_http_date;
use crate::mapping::ObjectMapping;

impl Salesforce {
    /// Changes one record.
    pub(in super::super) async fn write_one(&self, change: &RecordChange) -> Result<Written, ConnectorError> {
        let mapping = self.mapped(change.kind)?;
        let selection = self.schema.of(&self.client, mapping).await?;
        let id = record_id(mapping, &change.key.external_id)?;
        let subject = format!("{} {id}", mapping.object);
        let path = self.client.path(&format!("/sobjects/{}/{id}", mapping.object));
        let mut members = BTreeMap::new();
        add_values(&mut members, mapping, &change.values, |it| selection.may_update(it))?;
        let body = serde_json::to_string(&members).expect("names and plain values are JSON");
        let mut call = Call::change(Method::PATCH, path.clone(), subject.clone(), body);
        call.headers = condition(change.unmodified_since);
        let server_time = self.client.call(&call, |answer| answer.server_time()).await?;
        let mut written = Written::of(id, false, server_time);
        if let Some(stored) = self.stored(mapping, change, path, subject).await {
            stored.note_on(&mut written, &change.values);
        }
        Ok(written)
    }

    /// A write tells no stamp, so the record is read back. The write stands even if that fails.
    async fn stored(
        &self,
        mapping: &ObjectMapping,
        change: &RecordChange,
        path: String,
        subject: String,
    ) -> Option<Stored> {
        let fields = change.values.iter().filter_map(|(field, _)| mapping.field(field));
        let fields: BTreeSet<&str> = fields.flat_map(|it| it.own_fields()).collect();
        let names = ["SystemModstamp", "LastModifiedDate"].into_iter().chain(fields);
        let path = format!("{path}?fields={}", names.collect::<Vec<_>>().join(","));
        let mapping = mapping.clone();
        let call = Call::get(path, subject);
        let read = self.client.call(&call, move |answer| {
            let row: JsonRow<'_> =
                serde_json::from_str(answer.text()?).map_err(|it| answer.unreadable(&it))?;
            Ok(Stored::of(&mapping, &row))
        });
        read.await
            .inspect_err(|error| tracing::warn!(%error, "written, but what was stored could not be read"))
            .ok()
    }
}

fn condition(unmodified_since: Option<DateTime<Utc>>) -> HeaderMap {
    let value = |it| HeaderValue::from_str(&to_http_date(it)).expect("a date makes a header");
    unmodified_since.map(|it| (IF_UNMODIFIED_SINCE, value(it))).into_iter().collect()
}
