//! Why a write did not happen, and what helps.
//!
//! Here: the CRM's codes for single records → [`WriteRefusal`], and failed requests as refusals of all they carried.
//! The CRM's own message is kept: whoever works on the refusal has to read it. It may quote values, so it is never
//! logged.
//! Not here: failures of requests (`super::super::error`).

use std::time::Duration;

use domain::sync::SyncErrorCategory;
use serde::Deserialize;
use serde_json::Value as Json;

use super::super::error::Intent;
use super::super::record_id::RecordId;
use crate::connector::{Remedy, WriteRefusal};
use crate::error::ConnectorError;
use crate::recovery::{BUDGET_PAUSE, Recovery};

/// The wait before a row that is locked is written again.
const LOCK_PAUSE: Duration = Duration::from_secs(60);
/// The longest message that is kept.
const LONGEST_MESSAGE: usize = 1_000;

/// One error of one record.
#[derive(Debug, Default, Deserialize)]
pub(super) struct RecordFault {
    #[serde(default, rename = "statusCode", alias = "errorCode")]
    code: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    fields: Vec<String>,
    /// Really spelled so over REST.
    #[serde(default, rename = "duplicateResut", alias = "duplicateResult")]
    duplicates: Json,
}

/// The refusal of one record, in the CRM's words.
pub(super) fn of_fault(fault: RecordFault) -> WriteRefusal {
    let is_locked = fault.code == "UNABLE_TO_LOCK_ROW" || fault.message.contains("UNABLE_TO_LOCK_ROW");
    let (category, remedy) = match fault.code.as_str() {
        _ if is_locked => (SyncErrorCategory::Conflict, Remedy::Again(LOCK_PAUSE)),
        "DUPLICATES_DETECTED" | "DUPLICATE_VALUE" => (SyncErrorCategory::DuplicateRule, Remedy::Decide),
        "ENTITY_IS_DELETED" | "NOT_FOUND" | "INVALID_CROSS_REFERENCE_KEY" | "MALFORMED_ID" => {
            (SyncErrorCategory::NotFound, Remedy::Decide)
        }
        "INVALID_FIELD_FOR_INSERT_UPDATE"
        | "CANNOT_UPDATE_CONVERTED_LEAD"
        | "INSUFFICIENT_ACCESS_OR_READONLY"
        | "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY" => (SyncErrorCategory::Permission, Remedy::Decide),
        "INVALID_FIELD" | "INVALID_TYPE" => (SyncErrorCategory::Schema, Remedy::Decide),
        "REQUEST_LIMIT_EXCEEDED" => (SyncErrorCategory::RateLimit, Remedy::Again(BUDGET_PAUSE)),
        _ => (SyncErrorCategory::Validation, Remedy::Decide),
    };
    let mut matches = Vec::new();
    matched(&fault.duplicates, &mut matches);
    if fault.code == "DUPLICATE_VALUE" {
        matches.extend(last_word(&fault.message).map(String::from));
    }
    WriteRefusal {
        remedy,
        category,
        code: if fault.code.is_empty() { "NO_CODE".to_owned() } else { fault.code },
        message: fault.message.chars().take(LONGEST_MESSAGE).collect(),
        fields: fault.fields,
        matches,
    }
}

/// The refusal of every record that a failed request carried.
pub(super) fn of_failure(error: &ConnectorError, intent: Intent) -> WriteRefusal {
    let remedy = match error.recovery() {
        _ if intent == Intent::Create && error.leaves_doubt() => Remedy::ReadBack,
        _ if matches!(error, ConnectorError::Conflict { .. }) => Remedy::Rebase,
        Recovery::RetryAfter(pause) => Remedy::Again(pause),
        Recovery::WaitForCredentials => Remedy::Again(BUDGET_PAUSE),
        Recovery::SkipRecord | Recovery::GiveUp => Remedy::Decide,
        Recovery::ResumeByKeyset | Recovery::OpenBulkAgain | Recovery::ReadByPages => {
            Remedy::Again(LOCK_PAUSE)
        }
    };
    WriteRefusal {
        remedy,
        category: error.category(),
        code: error.code().to_owned(),
        message: error.to_string(),
        fields: Vec::new(),
        matches: Vec::new(),
    }
}

/// Somebody changed the record since it was read.
pub(super) fn moved() -> WriteRefusal {
    ours(
        Remedy::Rebase,
        SyncErrorCategory::Conflict,
        "CONFLICT",
        "the record changed in the CRM meanwhile; read it again and decide anew",
    )
}

/// The record is not there.
pub(super) fn gone() -> WriteRefusal {
    ours(
        Remedy::Decide,
        SyncErrorCategory::NotFound,
        "NOT_FOUND",
        "the record does not exist in the CRM, or was deleted there; read it again",
    )
}

/// Whether sending it again a moment later may help.
pub(super) fn is_locked(refusal: &WriteRefusal) -> bool {
    refusal.category == SyncErrorCategory::Conflict && matches!(refusal.remedy, Remedy::Again(_))
}

fn ours(remedy: Remedy, category: SyncErrorCategory, code: &str, message: &str) -> WriteRefusal {
    let (code, message) = (code.to_owned(), message.to_owned());
    WriteRefusal { remedy, category, code, message, fields: Vec::new(), matches: Vec::new() }
}

/// Every `record.Id` below `matchResults`, however the vendor nests them.
fn matched(json: &Json, found: &mut Vec<String>) {
    for result in json["matchResults"].as_array().into_iter().flatten() {
        let records = result["matchRecords"].as_array().into_iter().flatten();
        let ids = records.filter_map(|it| it["record"]["Id"].as_str()?.parse::<RecordId>().ok());
        found.extend(ids.map(String::from));
    }
}

/// `… duplicates value on record with id: 00Q5g000001abCD`.
fn last_word(message: &str) -> Option<RecordId> {
    message.rsplit(|it: char| !it.is_ascii_alphanumeric()).find(|it| !it.is_empty())?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(json: &str, category: SyncErrorCategory, remedy: Remedy, matches: &[&str]) {
        let refused = of_fault(serde_json::from_str(json).unwrap());
        assert_eq!((refused.category, refused.remedy), (category, remedy), "{json}");
        assert_eq!(refused.matches, matches, "{json}");
    }

    #[test]
    fn each_refusal_leaves_one_thing_to_do() {
        use SyncErrorCategory::*;
        check(r#"{"statusCode":"UNABLE_TO_LOCK_ROW"}"#, Conflict, Remedy::Again(LOCK_PAUSE), &[]);
        check(
            r#"{"statusCode":"CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY","message":"x: UNABLE_TO_LOCK_ROW, y"}"#,
            Conflict,
            Remedy::Again(LOCK_PAUSE),
            &[],
        );
        check(r#"{"statusCode":"FIELD_CUSTOM_VALIDATION_EXCEPTION"}"#, Validation, Remedy::Decide, &[]);
        check(r#"{"statusCode":"INVALID_FIELD_FOR_INSERT_UPDATE"}"#, Permission, Remedy::Decide, &[]);
        check(
            r#"{"statusCode":"DUPLICATE_VALUE","message":"… on record with id: 00Q5g000001abCD"}"#,
            DuplicateRule,
            Remedy::Decide,
            &["00Q5g000001abCDEAY"],
        );
    }

    #[test]
    fn a_duplicate_rule_names_what_it_found_however_it_is_spelled() {
        let record = r#"{"matchRecords":[{"record":{"Id":"00Q5g000001abCD"}}]}"#;
        for key in ["duplicateResut", "duplicateResult"] {
            let json =
                format!(r#"{{"statusCode":"DUPLICATES_DETECTED","{key}":{{"matchResults":[{record}]}}}}"#);
            check(&json, SyncErrorCategory::DuplicateRule, Remedy::Decide, &["00Q5g000001abCDEAY"]);
        }
    }
}
