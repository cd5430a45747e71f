//! Writing to Salesforce.
//!
//! Here: changes to one record, on condition that nobody changed it meanwhile. Setting values is repeatable, so
//! a lost answer is tried again; if the first try had arrived after all, the second one reports a conflict, and
//! reading the record again shows our own values.
//! Not here: what is written and when (the gateway's sync).

use chrono::{DateTime, Utc};
use domain::fields::FieldKind;
use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderValue, IF_UNMODIFIED_SINCE};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

use super::Salesforce;
use super::client::Call;
use super::record_id::RecordId;
use super::schema::Selection;
use super::value::parse_instant;
use crate::connector::{RecordChange, Written};
use crate::error::ConnectorError;
use crate::http::to_http_date;
use crate::mapping::{ObjectMapping, key_of};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Stamped {
    system_modstamp: String,
}

impl Salesforce {
    /// Changes one record.
    pub(super) async fn write(&self, change: &RecordChange) -> Result<Written, ConnectorError> {
        let mapping = self.mapped(change.kind)?;
        let selection = self.schema.of(&self.client, mapping).await?;
        let subject = format!("{} {}", mapping.object, change.key.external_id);
        let id: RecordId = change
            .key
            .external_id
            .parse()
            .map_err(|_| ConnectorError::NotFound { subject: subject.clone() })?;
        let path = self.client.path(&format!("/sobjects/{}/{id}", mapping.object));
        let body = body(mapping, &selection, change)?;
        let mut call = Call::change(Method::PATCH, path.clone(), subject.clone(), body);
        call.headers = condition(change.unmodified_since);
        let server_time = self.client.call(&call, |answer| answer.server_time()).await?;
        let stamp = self.stamp(format!("{path}?fields=SystemModstamp"), subject).await;
        Ok(Written { server_time, stamp })
    }

    /// A write tells no stamp, so it is read back. The write stands even if that fails.
    async fn stamp(&self, path: String, subject: String) -> Option<DateTime<Utc>> {
        let read = self.client.call(&Call::get(path, subject), |answer| answer.json::<Stamped>()).await;
        read.inspect_err(|error| tracing::warn!(%error, "written, but its stamp could not be read"))
            .ok()
            .and_then(|it| parse_instant(&it.system_modstamp))
    }
}

fn condition(unmodified_since: Option<DateTime<Utc>>) -> HeaderMap {
    let value = |it| HeaderValue::from_str(&to_http_date(it)).expect("a date makes a header");
    unmodified_since.map(|it| (IF_UNMODIFIED_SINCE, value(it))).into_iter().collect()
}

/// The values as JSON, in their field names.
fn body(
    mapping: &ObjectMapping,
    selection: &Selection,
    change: &RecordChange,
) -> Result<String, ConnectorError> {
    let mut body = BTreeMap::new();
    for (field, value) in change.values.iter() {
        let read_only = || ConnectorError::ReadOnlyField { key: key_of(field) };
        let target = mapping.field(field).filter(|it| it.write && selection.may_update(it));
        let target = target.ok_or_else(read_only)?;
        let theirs = value.map(|it| target.to_crm(it).ok_or_else(read_only)).transpose()?;
        body.insert(target.source.first(), json(field.kind(), theirs));
    }
    Ok(serde_json::to_string(&body).expect("names and plain values are JSON"))
}

/// Numbers go out with the digits they have: a float would change them.
fn json(kind: FieldKind, value: Option<&str>) -> Box<RawValue> {
    let text = match (kind, value) {
        (_, None) => "null".to_owned(),
        (FieldKind::Number | FieldKind::Boolean, Some(plain)) => plain.to_owned(),
        (_, Some(text)) => serde_json::Value::from(text).to_string(),
    };
    let quoted = || serde_json::Value::from(value.unwrap_or_default()).to_string();
    let raw = RawValue::from_string(text).or_else(|_| RawValue::from_string(quoted()));
    raw.expect("a JSON string is JSON")
}
