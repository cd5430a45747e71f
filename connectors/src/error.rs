//! How a connector fails.
//!
//! Here: one error for all CRMs. Messages say what to do and never hold secrets or the values of records.
//! Not here: what is left to do (`recovery`), a CRM's own codes (its folder).

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::fields::RecordKind;

/// A failure that outlasted the connector's own retries.
#[derive(Debug, thiserror::Error)]
pub enum ConnectorError {
    /// The settings cannot work.
    #[error("`{key}` of the source is not usable: {problem}")]
    Misconfigured {
        /// The setting.
        key: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// No connection, or it broke before the answer was complete.
    #[error(
        "{host} cannot be reached or stopped answering; check its address and the network, then sync again"
    )]
    Unreachable {
        /// Host and port.
        host: String,
        /// What the network said.
        #[source]
        source: reqwest::Error,
    },
    /// The CRM, or something in front of it, is out of order.
    #[error("{host} is out of order (HTTP {status}); wait until it is back, then sync again")]
    Unavailable {
        /// Host and port.
        host: String,
        /// HTTP status.
        status: u16,
        /// The wait the CRM asked for.
        retry_after: Option<Duration>,
    },
    /// The CRM asks us to slow down.
    #[error("{host} asks for fewer requests; wait, or lower the number of parallel syncs")]
    Throttled {
        /// Host and port.
        host: String,
        /// The wait the CRM asked for.
        retry_after: Option<Duration>,
    },
    /// The answer is cut off or not what was agreed.
    #[error(
        "the answer of {host} cannot be read ({problem}); if it persists, check what stands between us and the CRM"
    )]
    Garbled {
        /// Host and port.
        host: String,
        /// What is wrong with it, without its content.
        problem: String,
    },
    /// Our share of the daily allowance is used up, or all of it.
    #[error(
        "the CRM's allowance of requests is spent ({used} of {limit}); wait, lower `budget_reserve_percent`, or buy more"
    )]
    BudgetSpent {
        /// Requests used in the window.
        used: u64,
        /// Requests allowed in the window.
        limit: u64,
    },
    /// What is left of our share is kept for people who wait for an answer.
    #[error(
        "the rest of the CRM's allowance ({used} of {limit} used) is kept for people; wait, or lower `interactive_reserve_percent`"
    )]
    BudgetReserved {
        /// Requests used in the window.
        used: u64,
        /// Requests allowed in the window.
        limit: u64,
    },
    /// The CRM was down for many requests in a row and is left alone.
    #[error("the CRM did not answer many times in a row and is left alone for {} s; wait until it is back", .retry_after.as_secs())]
    CircuitOpen {
        /// Until the next trial.
        retry_after: Duration,
    },
    /// The CRM gave us a new refresh token, and it could not be kept.
    #[error("the CRM's new refresh token could not be stored; make the store writable, then sync again")]
    TokenNotKept {
        /// Why not.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The CRM does not accept our credentials.
    #[error(
        "the CRM refuses our credentials ({code}); check client id, secret or key, user and login address"
    )]
    CredentialsRefused {
        /// The CRM's code, such as `invalid_client`.
        code: String,
    },
    /// A session that was just opened is not accepted.
    #[error("the CRM refuses a fresh session ({code}); check the policies of the connected app and its user")]
    SessionRefused {
        /// The CRM's code.
        code: String,
    },
    /// Our user may not do this.
    #[error("our CRM user may not use {subject} ({code}); grant the permission, then sync again")]
    Forbidden {
        /// Object or address.
        subject: String,
        /// The CRM's code.
        code: String,
    },
    /// The mapping names a field that is not there or is hidden from us.
    #[error("mapping `{key}` names {object}.{field}, which does not exist or is hidden from our CRM user")]
    UnknownCrmField {
        /// Key in the mapping file, such as `lead.title`.
        key: String,
        /// Object in the CRM.
        object: String,
        /// Field in the CRM.
        field: String,
    },
    /// The mapping names a field of a type that ours cannot be read from.
    #[error("mapping `{key}` names {field}, {problem}")]
    WrongCrmFieldType {
        /// Key in the mapping file, such as `opportunity.close_date`.
        key: String,
        /// Object and field in the CRM.
        field: String,
        /// Its type there, and what it would have to be.
        problem: String,
    },
    /// The mapping names an object that is not there or is hidden from us.
    #[error("mapping `{key}` names the object {object}, which does not exist or is hidden from our CRM user")]
    UnknownCrmObject {
        /// Key in the mapping file, such as `lead.object`.
        key: String,
        /// Object in the CRM.
        object: String,
    },
    /// The mapping has no such kind.
    #[error("the mapping has no section for {kind}; add it, or leave the kind out of the sync")]
    NotMapped {
        /// The kind.
        kind: RecordKind,
    },
    /// The CRM has forgotten where we were reading.
    #[error("the CRM's cursor has ended; go on behind the last record that was stored")]
    CursorEnded,
    /// The question takes the CRM too long.
    #[error("reading {object} takes the CRM too long; try again in quieter hours")]
    QueryTimeout {
        /// Object in the CRM.
        object: String,
    },
    /// The CRM does not offer a bulk reading of this object, or its share of them is spent.
    #[error("the CRM takes no bulk reading of {object} now ({code}); read it page by page")]
    BulkUnavailable {
        /// Object in the CRM.
        object: String,
        /// The CRM's code.
        code: String,
    },
    /// A bulk reading was aborted, failed, or is no longer kept.
    #[error("the bulk reading of {object} has ended without its results ({reason}); open another one")]
    BulkEnded {
        /// Object in the CRM.
        object: String,
        /// The state the CRM gives, or its code.
        reason: String,
    },
    /// The CRM has not finished a bulk reading in the time we wait.
    #[error("the CRM is still working on the bulk reading of {object}; ask for the same place later")]
    BulkUnfinished {
        /// Object in the CRM.
        object: String,
    },
    /// The list of deletions does not reach back so far.
    #[error("the CRM's list of deleted {object} does not reach back to {since}; compare all ids")]
    BeyondHorizon {
        /// Object in the CRM.
        object: String,
        /// The instant that was asked for.
        since: DateTime<Utc>,
    },
    /// Somebody changed the record since we read it.
    #[error("{object} {external_id} changed in the CRM meanwhile; read it again and decide anew")]
    Conflict {
        /// Object in the CRM.
        object: String,
        /// The record.
        external_id: String,
    },
    /// Somebody else kept the record locked.
    #[error("{subject} is locked by another change in the CRM; try again in a minute")]
    Locked {
        /// Object or record.
        subject: String,
    },
    /// The record is not there.
    #[error("{subject} does not exist in the CRM, or was deleted there; read it again")]
    NotFound {
        /// Object and record.
        subject: String,
    },
    /// Our user may not change this record, or nobody may.
    #[error(
        "{subject} cannot be changed in the CRM ({code}); it is converted or not shared with our CRM user"
    )]
    Protected {
        /// Object and record.
        subject: String,
        /// The CRM's code.
        code: String,
    },
    /// A duplicate rule of the CRM blocks the change.
    #[error("a duplicate rule of the CRM blocks {subject}; resolve the duplicate in the CRM")]
    DuplicateBlocked {
        /// Object and record.
        subject: String,
    },
    /// The CRM does not take the values.
    #[error("the CRM refuses {subject} ({code}{}); correct the values, or ask its administrator about its rules", in_fields(.fields))]
    Refused {
        /// Object and record.
        subject: String,
        /// The CRM's code.
        code: String,
        /// The CRM's fields it complains about.
        fields: Vec<String>,
    },
    /// The mapping does not let us write the field.
    #[error("`{key}` is not writable in this CRM; the mapping marks it read-only or has no value for it")]
    ReadOnlyField {
        /// Key in the mapping file, such as `lead.stage`.
        key: String,
    },
    /// The CRM did not understand us: our bug, or a change on its side.
    #[error(
        "the CRM did not understand a request for {subject} ({code}); check `api_version` and the mapping"
    )]
    Rejected {
        /// Object or address.
        subject: String,
        /// The CRM's code.
        code: String,
    },
}

fn in_fields(fields: &[String]) -> String {
    if fields.is_empty() { String::new() } else { format!(" in {}", fields.join(", ")) }
}
