//! What is asked for: positions, visible fields, deletions in slices.

use connectors::salesforce::{Config, Salesforce};
use connectors::{Connector, ConnectorError, Keyset, Mapping, Position, Recovery};
use domain::fields::RecordKind::{Lead, Opportunity};

use crate::scripted::{LEAD_FIELDS, Reply, ScriptedCrm, describe, leads};

#[tokio::test]
async fn only_visible_fields_are_selected_in_a_total_order() {
    let crm = ScriptedCrm::with_leads(|_, _| None).await;
    let page = crm.connector().read_page(Lead, &Position::Start).await.unwrap();
    let query = &crm.seen("/queryAll")[0];
    assert_eq!(
        query.query["q"],
        "SELECT Id,IsDeleted,CreatedDate,LastModifiedDate,SystemModstamp,Company,Email,Status,Score__c \
         FROM Lead ORDER BY SystemModstamp, Id"
    );
    assert_eq!(query.headers["sforce-query-options"], "batchSize=2000");
    assert_eq!(page.server_time, "2026-04-01T02:00:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap());
    assert_eq!(page.total, Some(1));
}

#[tokio::test]
async fn reading_goes_on_behind_a_record() {
    let crm = ScriptedCrm::with_leads(|_, _| None).await;
    let connector = crm.connector();
    let page = connector.read_page(Lead, &Position::Start).await.unwrap();
    let last = page.last.unwrap();
    connector.read_page(Lead, &Position::After(last.clone())).await.unwrap();
    let soql = &crm.seen("/queryAll")[1].query["q"];
    let expected = format!(
        "WHERE (SystemModstamp = 2026-04-01T01:02:03.000Z AND Id > '{}') OR SystemModstamp > 2026-04-01T01:02:03.000Z ",
        last.external_id
    );
    assert!(soql.contains(&expected), "{soql}");
}

#[tokio::test]
async fn what_is_no_id_never_gets_into_a_query() {
    let crm = ScriptedCrm::with_leads(|_, _| None).await;
    let evil = "x' OR Name != '".to_owned();
    let behind = Keyset { stamp: "2026-04-01T00:00:00Z".parse().unwrap(), external_id: evil.clone() };
    assert!(crm.connector().read_page(Lead, &Position::After(behind)).await.is_err());
    let page = crm.connector().fetch(Lead, &[evil]).await.unwrap();
    assert!(page.records.is_empty());
    assert!(crm.seen("/queryAll").is_empty());
}

#[tokio::test]
async fn records_are_fetched_by_id_in_portions() {
    let crm = ScriptedCrm::with_leads(|_, _| None).await;
    let ids: Vec<String> = (0..450).map(|n| format!("00Q5g00000{n:05}")).collect();
    let page = crm.connector().fetch(Lead, &ids).await.unwrap();
    let queries = crm.seen("/queryAll");
    assert_eq!((queries.len(), page.records.len()), (3, 3));
    assert!(queries[2].query["q"].contains("'00Q5g0000000449"), "{:?}", queries[2].query);
}

#[tokio::test]
async fn a_field_that_was_hidden_meanwhile_is_left_out() {
    let crm = ScriptedCrm::with_leads(|seen, before| match before {
        0 if seen.path.ends_with("/queryAll") => Some(Reply::fault(400, "INVALID_FIELD")),
        1 if seen.path.ends_with("/describe") => Some(describe(&LEAD_FIELDS[..6])),
        _ => None,
    })
    .await;
    crm.connector().read_page(Lead, &Position::Start).await.unwrap();
    let queries = crm.seen("/queryAll");
    assert!(queries[0].query["q"].contains("Email") && !queries[1].query["q"].contains("Email"));
}

#[tokio::test]
async fn the_check_names_the_key_and_the_field() {
    let crm = ScriptedCrm::with_leads(|_, _| None).await;
    let mapping = "[lead]\nobject = \"Lead\"\nfields = { company = \"Company\", title = \"Titel\" }";
    let config = Config { mapping: Mapping::parse(mapping).unwrap().into(), ..crm.config() };
    let connector = Salesforce::new(config).unwrap();
    let error = connector.check().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "mapping `lead.title` names Lead.Titel, which does not exist or is hidden from our CRM user"
    );
    assert_eq!(error.recovery(), Recovery::GiveUp);
    connector.read_page(Lead, &Position::Start).await.unwrap();
    assert!(matches!(connector.object(Opportunity), Err(ConnectorError::NotMapped { .. })));
}

#[tokio::test]
async fn the_check_knows_a_missing_object_and_a_missing_version() {
    let no_object = ScriptedCrm::with_leads(|seen, _| {
        seen.path.ends_with("/describe").then(|| Reply::fault(404, "NOT_FOUND"))
    })
    .await;
    let error = no_object.connector().check().await.unwrap_err();
    assert!(
        matches!(&error, ConnectorError::UnknownCrmObject { key, .. } if key == "account.object"),
        "{error}"
    );
    let no_version = ScriptedCrm::with_leads(|seen, _| {
        seen.path.contains("/v62.0").then(|| Reply::fault(404, "NOT_FOUND"))
    })
    .await;
    let error = no_version.connector().check().await.unwrap_err();
    assert!(matches!(error, ConnectorError::Misconfigured { key: "api_version", .. }), "{error}");
}

fn deleted(id: &str, covered: &str) -> Reply {
    Reply::json(format!(
        r#"{{"deletedRecords":[{{"id":"{id}","deletedDate":"2026-03-01T00:00:00.000+0000"}}],
            "earliestDateAvailable":"2026-02-01T00:00:00.000+0000","latestDateCovered":"{covered}"}}"#
    ))
}

#[tokio::test]
async fn deletions_come_in_slices_the_crm_takes() {
    let crm = ScriptedCrm::with_leads(|seen, _| {
        seen.path.ends_with("/deleted/").then(|| deleted("00Q5g000001abCD", &seen.query["end"]))
    })
    .await;
    let (since, until) = ("2026-03-01T00:00:30Z".parse().unwrap(), "2026-03-31T00:00:59Z".parse().unwrap());
    let deletions = crm.connector().deletions(Lead, since, until).await.unwrap();
    assert_eq!(deletions.external_ids, ["00Q5g000001abCDEAY"]);
    assert_eq!(deletions.covered_until.to_rfc3339(), "2026-03-31T00:00:00+00:00");
    let slices =
        crm.seen("/deleted/").into_iter().map(|it| (it.query["start"].clone(), it.query["end"].clone()));
    let expected = [
        ("2026-03-01T00:00:00.000Z", "2026-03-15T00:00:00.000Z"),
        ("2026-03-15T00:00:00.000Z", "2026-03-29T00:00:00.000Z"),
        ("2026-03-29T00:00:00.000Z", "2026-03-31T00:00:00.000Z"),
    ];
    assert_eq!(slices.collect::<Vec<_>>(), expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
}

#[tokio::test]
async fn a_log_of_deletions_that_lags_or_ends_is_believed() {
    let lagging = ScriptedCrm::with_leads(|seen, _| {
        seen.path.ends_with("/deleted/").then(|| deleted("00Q5g000001abCD", "2026-03-10T00:00:00.000+0000"))
    })
    .await;
    let (since, until) = ("2026-03-01T00:00:00Z".parse().unwrap(), "2026-03-31T00:00:00Z".parse().unwrap());
    let deletions = lagging.connector().deletions(Lead, since, until).await.unwrap();
    assert_eq!(deletions.covered_until.to_rfc3339(), "2026-03-10T00:00:00+00:00");
    assert_eq!(lagging.seen("/deleted/").len(), 1);

    let ended = ScriptedCrm::with_leads(|seen, _| {
        seen.path.ends_with("/deleted/").then(|| Reply::fault(400, "INVALID_REPLICATION_DATE"))
    })
    .await;
    let error = ended.connector().deletions(Lead, since, until).await.unwrap_err();
    assert!(matches!(error, ConnectorError::BeyondHorizon { .. }), "{error}");
}

#[tokio::test]
async fn an_idle_minute_is_asked_for_as_two() {
    let crm = ScriptedCrm::with_leads(|seen, _| {
        seen.path.ends_with("/deleted/").then(|| deleted("00Q5g000001abCD", &seen.query["end"]))
    })
    .await;
    let now = "2026-03-31T00:10:20Z".parse().unwrap();
    crm.connector().deletions(Lead, now, now).await.unwrap();
    let asked = &crm.seen("/deleted/")[0].query;
    assert_eq!((&*asked["start"], &*asked["end"]), ("2026-03-31T00:08:00.000Z", "2026-03-31T00:10:00.000Z"));
}

#[tokio::test]
async fn pages_follow_the_crms_own_tokens() {
    let crm = ScriptedCrm::with_leads(|seen, _| {
        (seen.path.ends_with("/queryAll")).then(|| leads(2, Some("/services/data/v62.0/query/0r8-2")))
    })
    .await;
    let connector = crm.connector();
    let first = connector.read_page(Lead, &Position::Start).await.unwrap();
    let second = connector.read_page(Lead, &Position::Next(first.next.unwrap())).await.unwrap();
    assert_eq!((second.next, crm.seen("/query/0r8-2").len()), (None, 1));
}
