//! Pages of Salesforce as source records.
//!
//! Here: the page, its records, and what becomes of those that cannot be understood.
//! Not here: a single value (`value`), which fields were asked for (`schema`).

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::fields::{RecordKind, opportunity};
use domain::money::Money;
use domain::sources::{SourceKey, SourceRecord, SourceSystem, Values};
use domain::sync::SyncErrorCategory;
use serde::Deserialize;

use super::cursor::{Cursor, Next, Piece};
use super::json::JsonRow;
use super::redact::redacted;
use super::value::{Reading, Row, id, instant, is_true, read, text};
use crate::connector::{Keyset, Page, RecordError};
use crate::error::ConnectorError;
use crate::http::Answer;
use crate::mapping::{FieldMapping, Mapping, ObjectMapping};

/// Turns answers about one kind of record into pages.
#[derive(Debug, Clone)]
pub(super) struct Decoder {
    pub(super) system: SourceSystem,
    pub(super) mapping: Arc<Mapping>,
    pub(super) kind: RecordKind,
    /// The query that an answer continues; `None` for its first page.
    pub(super) cursor: Option<Cursor>,
    /// What the query is of the reading.
    pub(super) piece: Piece,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct QueryAnswer<'a> {
    total_size: Option<u64>,
    done: bool,
    next_records_url: Option<String>,
    #[serde(borrow)]
    records: Vec<JsonRow<'a>>,
}

/// Which record it is, as far as can be read.
struct Identity {
    external_id: Option<String>,
    stamp: Option<DateTime<Utc>>,
}

impl Decoder {
    /// The page in an answer to a query.
    pub(super) fn page(&self, answer: &Answer) -> Result<Page, ConnectorError> {
        let mapping = self.mapping.of(self.kind).ok_or(ConnectorError::NotMapped { kind: self.kind })?;
        let query: QueryAnswer<'_> =
            serde_json::from_str(answer.text()?).map_err(|it| answer.unreadable(&it))?;
        if !query.done && query.next_records_url.is_none() {
            return Err(answer.garbled("a page without a next one that is not the last"));
        }
        if query.next_records_url.is_some()
            && query.next_records_url.as_ref() == self.cursor.as_ref().map(|it| &it.path)
        {
            return Err(answer.garbled("a page that is its own next page"));
        }
        let server_time = answer.server_time()?;
        let mut page = Page {
            records: Vec::with_capacity(query.records.len()),
            warnings: Vec::new(),
            next: self.next(query.next_records_url.filter(|_| !query.done), server_time),
            last: None,
            total: query.total_size,
            part: self.piece.part,
            server_time,
        };
        for row in &query.records {
            let place = self.take_in(mapping, row, &mut page);
            page.last = place.filter(|it| self.is_in_place(it)).or(page.last);
        }
        Ok(page)
    }

    /// Adds one row to a page; returns its place in the order of reading.
    pub(super) fn take_in(&self, mapping: &ObjectMapping, row: &impl Row, page: &mut Page) -> Option<Keyset> {
        let identity = Identity::of(row);
        let known = page.warnings.len();
        let record = self.record(mapping, row, &identity, &mut page.warnings);
        page.records.push(record.map_err(|it| it.with_payload(redacted(mapping, row))));
        for warning in &mut page.warnings[known..] {
            warning.payload = Some(redacted(mapping, row));
        }
        identity.keyset()
    }

    /// The token of what comes after a page.
    fn next(&self, path: Option<String>, server_time: DateTime<Utc>) -> Option<String> {
        let opened_at = self.cursor.as_ref().map_or(server_time, |it| it.opened_at);
        let page = path.map(|path| Next::Page(Cursor { opened_at, path, piece: self.piece }));
        page.or(self.piece.then.map(Next::Slice)).map(|it| it.to_string())
    }

    fn is_in_place(&self, keyset: &Keyset) -> bool {
        self.cursor.as_ref().is_none_or(|it| it.is_in_place(keyset.stamp))
    }

    /// A row on its own; `None` for one that cannot be understood, which the next page tells of.
    pub(super) fn alone(&self, row: &impl Row) -> Option<SourceRecord> {
        let mapping = self.mapping.of(self.kind)?;
        self.record(mapping, row, &Identity::of(row), &mut Vec::new()).ok()
    }

    fn record(
        &self,
        mapping: &ObjectMapping,
        row: &impl Row,
        identity: &Identity,
        warnings: &mut Vec<RecordError>,
    ) -> Result<SourceRecord, RecordError> {
        let Some(Keyset { stamp, external_id }) = identity.keyset() else {
            let message =
                "a record without a readable Id or SystemModstamp; ask the CRM's administrator".to_owned();
            return Err(identity.error(SyncErrorCategory::Schema, "NO_IDENTITY", message));
        };
        let mut values = Values::new();
        for field in &mapping.fields {
            match read(field, row).map_err(|it| identity.invalid(it))? {
                Reading::Absent => {}
                Reading::Said(value) => values.put(field.field, value),
                Reading::Unmapped(value) => warnings.push(identity.unmapped(field, &value)),
            }
        }
        check_money(&values).map_err(|it| identity.invalid(it))?;
        Ok(SourceRecord {
            key: SourceKey { system: self.system.clone(), object: mapping.object.clone(), external_id },
            kind: self.kind,
            stamp,
            modified_at: instant(row, "LastModifiedDate").unwrap_or(stamp),
            created_at: instant(row, "CreatedDate").unwrap_or(stamp),
            is_deleted: is_true(row, "IsDeleted"),
            merged_into: id(row, "MasterRecordId"),
            our_key: mapping.key_of_made().and_then(|it| text(row, it)),
            values,
        })
    }
}

impl Identity {
    fn of(row: &impl Row) -> Self {
        Self { external_id: id(row, "Id"), stamp: instant(row, "SystemModstamp") }
    }

    fn keyset(&self) -> Option<Keyset> {
        Some(Keyset { stamp: self.stamp?, external_id: self.external_id.clone()? })
    }

    fn error(&self, category: SyncErrorCategory, code: &'static str, message: String) -> RecordError {
        RecordError {
            external_id: self.external_id.clone(),
            stamp: self.stamp,
            category,
            code,
            message,
            payload: None,
        }
    }

    fn invalid(&self, message: String) -> RecordError {
        self.error(SyncErrorCategory::Validation, "INVALID_VALUE", message)
    }

    /// A picklist value is the administrator's word, not a person's, and worth repeating.
    fn unmapped(&self, field: &FieldMapping, value: &str) -> RecordError {
        let value: String = value.chars().take(80).collect();
        let message = format!(
            "`{}` has no value for `{value}` of {}; add it to the mapping",
            field.key(),
            field.source
        );
        self.error(SyncErrorCategory::Schema, "UNMAPPED_VALUE", message)
    }
}

/// What amounts are in where an org does not say: it has one currency then.
const ONLY_CURRENCY: &str = "JPY";

/// An amount that its currency cannot hold is a mistake that must not be rounded away.
fn check_money(values: &Values) -> Result<(), String> {
    let Some(amount) = values.text(opportunity::amount).and_then(|it| it.parse().ok()) else { return Ok(()) };
    let currency = values.text(opportunity::currency).unwrap_or(ONLY_CURRENCY);
    Money::exact(amount, currency)
        .map(drop)
        .map_err(|cause| format!("`opportunity.amount`: {cause}; correct it in the CRM"))
}

#[cfg(test)]
mod tests {
    use domain::fields::{Field, lead};
    use domain::sources::ValueState;
    use reqwest::StatusCode;
    use reqwest::header::{DATE, HeaderMap, HeaderValue};

    use super::*;

    const IDENTITY: &str = r#""Id":"00Q5g000001abCDEAY","SystemModstamp":"2026-04-01T01:02:03.000+0000""#;

    fn page(kind: RecordKind, body: &str) -> Result<Page, ConnectorError> {
        continued(kind, body, None)
    }

    fn continued(kind: RecordKind, body: &str, cursor: Option<Cursor>) -> Result<Page, ConnectorError> {
        let headers =
            HeaderMap::from_iter([(DATE, HeaderValue::from_static("Wed, 01 Apr 2026 02:00:00 GMT"))]);
        let answer = Answer {
            host: "crm".to_owned(),
            status: StatusCode::OK,
            headers,
            body: body.as_bytes().to_vec(),
        };
        let system = "CRM".parse().unwrap();
        Decoder { system, mapping: Arc::new(Mapping::salesforce()), kind, cursor, piece: Piece::default() }
            .page(&answer)
    }

    fn only(kind: RecordKind, fields: &str) -> (Result<SourceRecord, RecordError>, Vec<RecordError>) {
        let body = format!(r#"{{"totalSize":1,"done":true,"records":[{{{IDENTITY}{fields}}}]}}"#);
        let mut page = page(kind, &body).unwrap();
        (page.records.remove(0), page.warnings)
    }

    fn check(field: Field, json: &str, expected: ValueState<'_>) {
        let (record, _) = only(field.record(), json);
        assert_eq!(record.unwrap().values.get(field), expected, "{field:?} in {json}");
    }

    #[test]
    fn a_missing_key_is_absent_and_null_is_null() {
        check(lead::title, "", ValueState::Absent);
        check(lead::title, r#","Title":null"#, ValueState::Null);
        check(lead::title, r#","Title":"  ""#, ValueState::Null);
        check(lead::title, r#","Title":"\u90e8\u9577 \"A\"""#, ValueState::Present("部長 \"A\""));
        check(opportunity::owner, r#","Owner":null"#, ValueState::Null);
        check(opportunity::owner, r#","Owner":{"attributes":{},"Name":"佐藤"}"#, ValueState::Present("佐藤"));
    }

    #[test]
    fn amounts_keep_their_digits() {
        check(opportunity::amount, r#","Amount":1200000.0"#, ValueState::Present("1200000"));
        check(
            opportunity::amount,
            r#","Amount":12345678901234567.89,"CurrencyIsoCode":"USD""#,
            ValueState::Present("12345678901234567.89"),
        );
        check(opportunity::amount, r#","Amount":1.2E7"#, ValueState::Present("12000000"));
    }

    #[test]
    fn a_fraction_of_a_yen_fails_its_record_only() {
        let (record, _) = only(RecordKind::Opportunity, r#","Amount":100.5,"CurrencyIsoCode":"JPY""#);
        let error = record.unwrap_err();
        assert_eq!((error.category, error.code), (SyncErrorCategory::Validation, "INVALID_VALUE"));
        assert_eq!(error.external_id.as_deref(), Some("00Q5g000001abCDEAY"));
        check(
            opportunity::amount,
            r#","Amount":100.5,"CurrencyIsoCode":"USD""#,
            ValueState::Present("100.5"),
        );
    }

    #[test]
    fn conversion_decides_the_stage_before_the_status() {
        check(
            lead::stage,
            r#","IsConverted":false,"Status":"Working - Contacted""#,
            ValueState::Present("WORKING"),
        );
        check(lead::stage, r#","IsConverted":true,"Status":"Whatever""#, ValueState::Present("CONVERTED"));
        let account = r#","ConvertedAccountId":"001A0000006Vm9r""#;
        check(lead::converted_account, account, ValueState::Present("001A0000006Vm9rIAC"));
    }

    #[test]
    fn a_picklist_value_nobody_mapped_is_absent_and_logged() {
        let (record, warnings) = only(RecordKind::Lead, r#","Status":"Nurturing","Company":"極洋""#);
        let record = record.unwrap();
        assert_eq!(record.values.get(lead::stage), ValueState::Absent);
        assert_eq!(record.values.text(lead::company), Some("極洋"));
        assert_eq!((warnings[0].category, warnings[0].code), (SyncErrorCategory::Schema, "UNMAPPED_VALUE"));
        assert!(warnings[0].message.contains("`lead.stage` has no value for `Nurturing` of Status"));
    }

    #[test]
    fn one_bad_record_leaves_the_others_and_the_place_alone() {
        let bad =
            r#"{"Id":"00Q5g000001abCE","SystemModstamp":"2026-04-01T01:02:04.000+0000","Score__c":"high"}"#;
        let body = format!(r#"{{"done":false,"nextRecordsUrl":"/n","records":[{{{IDENTITY}}},{{}},{bad}]}}"#);
        let page = page(RecordKind::Lead, &body).unwrap();
        assert_eq!(page.records.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, false]);
        assert_eq!(page.records[1].as_ref().unwrap_err().code, "NO_IDENTITY");
        assert_eq!(page.last.unwrap().stamp.to_rfc3339(), "2026-04-01T01:02:04+00:00");
        assert_eq!(page.next.as_deref(), Some("2026-04-01T02:00:00Z 0 /n"));
        assert!(!page.records[2].as_ref().unwrap_err().message.contains("high"));
    }

    #[test]
    fn a_record_that_moved_while_we_read_is_no_place_to_resume_behind() {
        let moved = r#"{"Id":"00Q5g000001abCE","SystemModstamp":"2026-04-01T01:59:00.000+0000"}"#;
        let body = format!(r#"{{"done":false,"nextRecordsUrl":"/n","records":[{{{IDENTITY}}},{moved}]}}"#);
        let opened_at = "2026-04-01T01:30:00Z".parse().unwrap();
        let cursor = Cursor { opened_at, path: String::new(), piece: Piece::default() };
        let page = continued(RecordKind::Lead, &body, Some(cursor)).unwrap();
        assert_eq!(page.records.len(), 2);
        assert_eq!(page.last.unwrap().external_id, "00Q5g000001abCDEAY");
        assert_eq!(page.next.as_deref(), Some("2026-04-01T01:30:00Z 0 /n"));
    }

    #[test]
    fn deletion_and_merging_are_told() {
        let (record, _) = only(RecordKind::Lead, r#","IsDeleted":true,"MasterRecordId":"00Q5g000001abCD""#);
        let record = record.unwrap();
        assert!(record.is_deleted);
        assert_eq!(record.merged_into.as_deref(), Some("00Q5g000001abCDEAY"));
        assert_eq!(record.modified_at, record.stamp);
    }

    #[test]
    fn a_body_that_is_cut_off_can_be_asked_for_again() {
        let error = page(RecordKind::Lead, r#"{"done":true,"records":[{"Id":"00"#).unwrap_err();
        assert!(error.is_transient() && error.to_string().contains("cut off"), "{error}");
        assert!(page(RecordKind::Lead, r#"{"done":false,"records":[]}"#).unwrap_err().is_transient());
    }
}
