//! Changes to one record: on condition, exactly, and only where the mapping lets us.

use connectors::{Connector, ConnectorError, RecordChange, Recovery};
use domain::fields::RecordKind::Lead;
use domain::fields::{Field, lead};
use domain::sources::{SourceKey, Values};

use crate::scripted::{LEAD_FIELDS, Reply, ScriptedCrm, describe};

const ID: &str = "00Q5g000001abCDEAY";

fn change(values: &[(Field, Option<&str>)]) -> RecordChange {
    let entry = |&(field, value): &(Field, Option<&str>)| (field, value.map(str::to_owned));
    RecordChange {
        key: SourceKey {
            system: "CRM".parse().unwrap(),
            object: "Lead".to_owned(),
            external_id: ID.to_owned(),
        },
        kind: Lead,
        values: Values::from_iter(values.iter().map(entry)),
        unmodified_since: Some("2026-04-01T01:02:03Z".parse().unwrap()),
    }
}

async fn answering(patch: fn(usize) -> Reply) -> ScriptedCrm {
    ScriptedCrm::with_leads(move |seen, before| match seen.method.as_str() {
        "PATCH" => Some(patch(before)),
        _ if seen.path.ends_with(ID) => {
            Some(Reply::json(r#"{"SystemModstamp":"2026-04-01T03:00:00.000+0000"}"#))
        }
        _ => None,
    })
    .await
}

#[tokio::test]
async fn a_change_goes_out_exactly_and_on_condition() {
    let crm = answering(|_| Reply::json("").with_status(204)).await;
    let values = [
        (lead::company, Some("㈱極洋 \"本社\"")),
        (lead::email, None),
        (lead::score, Some("12345678901234567.5")),
    ];
    let written = crm.connector().update(&change(&values)).await.unwrap();
    let request = crm.seen(ID).remove(0);
    assert_eq!(request.body, r#"{"Company":"㈱極洋 \"本社\"","Email":null,"Score__c":12345678901234567.5}"#);
    assert_eq!(request.headers["if-unmodified-since"], "Wed, 01 Apr 2026 01:02:03 GMT");
    assert_eq!(request.headers["content-type"], "application/json");
    assert_eq!(written.stamp, Some("2026-04-01T03:00:00Z".parse().unwrap()));
}

#[tokio::test]
async fn a_change_by_somebody_else_is_a_conflict() {
    let crm = answering(|_| Reply::fault(412, "PRECONDITION_FAILED")).await;
    let error = crm.connector().update(&change(&[(lead::email, None)])).await.unwrap_err();
    assert!(matches!(&error, ConnectorError::Conflict { external_id, .. } if external_id == ID), "{error}");
    assert_eq!(error.recovery(), Recovery::SkipRecord);
}

#[tokio::test]
async fn a_locked_row_is_tried_again() {
    let crm = answering(|before| match before {
        0 => Reply::fault(400, "UNABLE_TO_LOCK_ROW"),
        _ => Reply::json("").with_status(204),
    })
    .await;
    crm.connector().update(&change(&[(lead::email, None)])).await.unwrap();
}

#[tokio::test]
async fn a_refusal_tells_the_code_and_no_value() {
    let crm = answering(|_| Reply::fault(400, "STRING_TOO_LONG")).await;
    let error = crm.connector().update(&change(&[(lead::company, Some("x"))])).await.unwrap_err();
    assert!(matches!(&error, ConnectorError::Refused { code, .. } if code == "STRING_TOO_LONG"), "{error}");
    assert!(!error.to_string().contains("private"));
}

#[tokio::test]
async fn what_may_not_be_written_is_refused_before_anything_is_sent() {
    let crm = ScriptedCrm::with_leads(|seen, _| {
        seen.path.ends_with("/describe").then(|| describe(&LEAD_FIELDS[..8]))
    })
    .await;
    let connector = crm.connector();
    for field in [lead::stage, lead::origin, lead::title] {
        let error = connector.update(&change(&[(field, Some("x"))])).await.unwrap_err();
        let key = format!("lead.{field}");
        assert!(matches!(&error, ConnectorError::ReadOnlyField { key: named } if *named == key), "{error}");
    }
    assert!(crm.seen(ID).is_empty());
}
