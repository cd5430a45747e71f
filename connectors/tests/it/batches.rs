//! Writing in batches against the stand-in: few requests, one result for each record, nothing overwritten in the dark.

use std::sync::Arc;

use connectors::{Connector, RecordWrite, Remedy, SchemaDescription, WriteTarget};
use domain::fields::RecordKind::{Contact, Lead};
use domain::fields::{Field, contact, lead};
use domain::sources::{SourceRecord, Values};
use domain::sync::SyncErrorCategory;
use sandbox::{DuplicateRule, Fault, FaultKind, When};

use crate::contract::ConnectorUnderTest;
use crate::salesforce::SandboxedSalesforce;
use crate::scripted::{LEAD_FIELDS, Reply, ScriptedCrm, describe};

fn said(values: &[(Field, Option<&str>)]) -> Values {
    values.iter().map(|&(field, value)| (field, value.map(str::to_owned))).collect()
}

fn update(record: &SourceRecord, values: &[(Field, Option<&str>)]) -> RecordWrite {
    let target = WriteTarget::Update {
        external_id: record.key.external_id.clone(),
        unmodified_since: Some(record.modified_at),
    };
    RecordWrite { kind: record.kind, target, values: said(values), parent: None }
}

fn lead_with(target: WriteTarget, company: &str) -> RecordWrite {
    let values = said(&[(lead::last_name, Some("佐藤")), (lead::company, Some(company))]);
    RecordWrite { kind: Lead, target, values, parent: None }
}

fn upsert(key: &str, company: &str) -> RecordWrite {
    lead_with(WriteTarget::Upsert { key: key.to_owned() }, company)
}

fn create(key: Option<&str>, company: &str) -> RecordWrite {
    lead_with(WriteTarget::Create { key: key.map(str::to_owned) }, company)
}

async fn with_live_leads(crm: &SandboxedSalesforce) -> Vec<SourceRecord> {
    let leads = crm.leads().await;
    leads.into_iter().filter(|it| !it.is_deleted && it.values.text(lead::stage) == Some("NEW")).collect()
}

fn requests(crm: &SandboxedSalesforce) -> u64 {
    crm.sandbox.admin().requests().values().sum()
}

#[tokio::test]
async fn a_thousand_writes_take_at_most_ten_requests() {
    let crm = SandboxedSalesforce::start().await;
    let connector = crm.connector();
    let writes: Vec<_> = (0..1_000).map(|n| upsert(&format!("gateway-{n}"), &format!("会社{n}"))).collect();
    connector.refresh_schema(&SchemaDescription::default()).await.unwrap();
    crm.sandbox.admin().reset_requests();
    let made = connector.write(&writes).await;
    assert!(requests(&crm) <= 10, "{:?}", crm.sandbox.admin().requests());
    assert!(made.iter().all(|it| it.as_ref().is_ok_and(|it| it.is_created && it.stamp.is_some())));
    crm.let_pass(5).await;
    let change = |(n, it): (usize, &Result<connectors::Written, _>)| {
        let it = it.as_ref().unwrap();
        let target =
            WriteTarget::Update { external_id: it.external_id.clone(), unmodified_since: it.modified_at };
        RecordWrite {
            kind: Lead,
            target,
            values: said(&[(lead::title, Some(&*format!("部長{n}")))]),
            parent: None,
        }
    };
    let updates: Vec<_> = made.iter().enumerate().map(change).collect();
    crm.sandbox.admin().reset_requests();
    let changed = connector.write(&updates).await;
    assert!(requests(&crm) <= 10, "{:?}", crm.sandbox.admin().requests());
    for (n, written) in changed.into_iter().enumerate() {
        assert_eq!(written.unwrap().stored.text(lead::title), Some(&*format!("部長{n}")));
    }
}

#[tokio::test]
async fn each_write_has_its_own_result_in_the_order_given() {
    let crm = SandboxedSalesforce::start().await;
    let leads = with_live_leads(&crm).await;
    crm.let_pass(5).await;
    crm.edit(&leads[1].key.external_id).await;
    crm.delete(&leads[2].key.external_id).await;
    let too_long = "x".repeat(200);
    let writes = [
        update(&leads[0], &[(lead::title, Some("課長"))]),
        update(&leads[1], &[(lead::title, Some("too late"))]),
        update(&leads[2], &[(lead::title, Some("nobody"))]),
        update(&leads[3], &[(lead::title, Some(&too_long))]),
        update(&leads[4], &[(lead::stage, Some("WORKING"))]),
        upsert("ours-1", "極洋"),
        update(&leads[5], &[(lead::title, None)]),
    ];
    let results = crm.connector().write(&writes).await;
    let refusal = |n: usize| results[n].as_ref().unwrap_err();
    assert_eq!(results[0].as_ref().unwrap().external_id, leads[0].key.external_id);
    assert_eq!((refusal(1).remedy, refusal(1).category), (Remedy::Rebase, SyncErrorCategory::Conflict));
    assert_eq!((refusal(2).remedy, refusal(2).category), (Remedy::Decide, SyncErrorCategory::NotFound));
    assert_eq!((refusal(3).remedy, &*refusal(3).code), (Remedy::Decide, "STRING_TOO_LONG"));
    assert_eq!(refusal(3).fields, ["Title"]);
    assert!(refusal(3).message.contains("max length=128"), "the CRM's own words: {}", refusal(3).message);
    assert_eq!(refusal(4).category, SyncErrorCategory::Permission);
    assert!(results[5].as_ref().unwrap().is_created && !results[6].as_ref().unwrap().is_created);
    assert_ne!(crm.lead(&leads[1].key.external_id).await.values.text(lead::title), Some("too late"));
}

#[tokio::test]
async fn an_upsert_that_is_repeated_makes_one_record() {
    let crm = SandboxedSalesforce::start().await;
    let connector = crm.connector();
    let first = connector.write(&[upsert("ours-1", "極洋")]).await.remove(0).unwrap();
    let again = connector.write(&[upsert("ours-1", "極洋 本社")]).await.remove(0).unwrap();
    assert_eq!((again.is_created, &again.external_id), (false, &first.external_id));
    assert_eq!(crm.lead(&first.external_id).await.values.text(lead::company), Some("極洋 本社"));
}

#[tokio::test]
async fn a_create_that_is_repeated_names_the_record_that_is_there() {
    let crm = SandboxedSalesforce::start().await;
    let connector = crm.connector();
    let first = connector.write(&[create(Some("ours-1"), "極洋")]).await.remove(0).unwrap();
    assert!(first.is_created);
    let refused = connector.write(&[create(Some("ours-1"), "極洋")]).await.remove(0).unwrap_err();
    assert_eq!((&*refused.code, refused.matches), ("DUPLICATE_VALUE", vec![first.external_id]));
}

#[tokio::test]
async fn a_create_whose_answer_is_lost_is_not_tried_again() {
    let crm = ScriptedCrm::with_leads(|seen, _| match seen.path.as_str() {
        path if path.ends_with("/describe") => Some(describe(&LEAD_FIELDS)),
        path if path.ends_with("/composite/sobjects") => Some(Reply::json("[{}]").cut()),
        _ => None,
    })
    .await;
    let values = said(&[(lead::company, Some("極洋"))]);
    let target = WriteTarget::Create { key: None };
    let write = RecordWrite { kind: Lead, target, values, parent: None };
    let refused = crm.connector().write(&[write]).await.remove(0).unwrap_err();
    assert_eq!(refused.remedy, Remedy::ReadBack);
    assert_eq!(crm.seen("/composite/sobjects").len(), 1);
}

#[tokio::test]
async fn a_duplicate_rule_refuses_with_its_own_words_and_what_it_found() {
    let crm = SandboxedSalesforce::start().await;
    let known = crm.open_lead().await;
    crm.sandbox.admin().set_duplicate_rule(DuplicateRule::on("Lead", &["Company", "LastName"])).unwrap();
    let values = said(&[
        (lead::company, known.values.text(lead::company)),
        (lead::last_name, known.values.text(lead::last_name)),
    ]);
    let target = WriteTarget::Upsert { key: "ours-1".to_owned() };
    let write = RecordWrite { kind: Lead, target, values, parent: None };
    let refused = crm.connector().write(&[write]).await.remove(0).unwrap_err();
    assert_eq!((&*refused.code, refused.remedy), ("DUPLICATES_DETECTED", Remedy::Decide));
    assert_eq!(refused.category, SyncErrorCategory::DuplicateRule);
    assert_eq!(refused.message, "Use one of these records?");
    assert!(refused.matches.contains(&known.key.external_id));
}

#[tokio::test]
async fn rows_that_others_keep_locked_are_written_when_they_are_free() {
    let crm = SandboxedSalesforce::start().await;
    let lock = Fault::new(FaultKind::LockedRows).on("/services/data/*/composite").when(When::Times(2));
    crm.sandbox.faults().inject(lock);
    let connector = crm.connector();
    let made = connector.write(&[upsert("a", "極洋"), upsert("b", "住友")]).await;
    assert!(made.iter().all(Result::is_ok), "{made:?}");
    assert!(crm.has_misbehaved());
    let lock = Fault::new(FaultKind::LockedRows).on("/services/data/*/composite").when(When::Always);
    crm.sandbox.faults().inject(lock);
    let refused = connector.write(&[upsert("c", "大和")]).await.remove(0).unwrap_err();
    assert!(matches!(refused.remedy, Remedy::Again(_)) && refused.code == "UNABLE_TO_LOCK_ROW");
}

#[tokio::test]
async fn siblings_written_at_once_wait_for_each_other() {
    let crm = SandboxedSalesforce::start().await;
    let account =
        crm.sandbox.admin().convert_lead(&crm.open_lead().await.key.external_id, None).unwrap()[0].clone();
    crm.sandbox.admin().hold_row_locks(std::time::Duration::from_millis(3));
    let connector: Arc<dyn Connector> = crm.connector();
    let sibling = |n: usize| RecordWrite {
        kind: Contact,
        target: WriteTarget::Upsert { key: format!("ours-{n}") },
        values: said(&[(contact::last_name, Some("鈴木")), (contact::account, Some(&account))]),
        parent: None,
    };
    let batches: Vec<Vec<_>> = (0..4).map(|batch| (0..5).map(|n| sibling(batch * 5 + n)).collect()).collect();
    let written = futures::future::join_all(batches.iter().map(|it| connector.write(it))).await;
    assert!(written.into_iter().flatten().all(|it| it.is_ok()));
}

#[tokio::test]
async fn what_the_crm_trims_and_reformats_is_told() {
    let crm = SandboxedSalesforce::start().await;
    crm.sandbox.faults().inject(Fault::new(FaultKind::ReformattedWrites).when(When::Always));
    let mut write = upsert("ours-1", "  極洋   本社 ");
    write.values.put(lead::phone, Some("03-1234-5678".to_owned()));
    let written = crm.connector().write(&[write]).await.remove(0).unwrap();
    assert_eq!(written.stored.text(lead::company), Some("極洋 本社"));
    assert_eq!(written.stored.text(lead::phone), Some("0312345678"));
}

#[tokio::test]
async fn a_record_that_comes_twice_is_written_in_order() {
    let crm = SandboxedSalesforce::start().await;
    let made = crm.connector().write(&[upsert("a", "first"), upsert("b", "x"), upsert("a", "second")]).await;
    let id = made[0].as_ref().unwrap().external_id.clone();
    assert_eq!(made[2].as_ref().unwrap().external_id, id);
    assert_eq!(crm.lead(&id).await.values.text(lead::company), Some("second"));
}
