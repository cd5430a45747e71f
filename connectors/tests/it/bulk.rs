//! Bulk readings, id sets and counts against the stand-in: everything comes, once, and the CRM agrees.

use connectors::salesforce::{BulkOptions, Config};
use connectors::{BulkPage, BulkPlace, Connector, ConnectorError, Position, Recovery, Span};
use domain::fields::RecordKind::{Lead, Opportunity};
use domain::sources::SourceRecord;
use sandbox::{Fault, FaultKind, When};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use crate::contract::{ConnectorUnderTest, all_pages, ids, records};
use crate::salesforce::SandboxedSalesforce;

fn bulk(crm: &SandboxedSalesforce) -> Arc<dyn Connector> {
    let options = BulkOptions {
        page_size: 300,
        first_pause: Duration::from_millis(2),
        longest_pause: Duration::from_millis(5),
        patience: Duration::from_secs(5),
    };
    crm.connecting(Config { bulk: options, ..crm.config() })
}

async fn read_from(connector: &dyn Connector, place: BulkPlace) -> Vec<BulkPage> {
    let mut pages = vec![connector.read_bulk(Lead, &place).await.unwrap()];
    while let Some(place) = pages.last().and_then(|it| it.next.clone()) {
        pages.push(connector.read_bulk(Lead, &place).await.unwrap());
    }
    pages
}

fn taken_in(pages: &[BulkPage]) -> Vec<SourceRecord> {
    pages.iter().flat_map(|it| it.page.records.clone()).map(Result::unwrap).collect()
}

fn by_id(records: Vec<SourceRecord>) -> BTreeMap<String, SourceRecord> {
    records.into_iter().map(|it| (it.key.external_id.clone(), it)).collect()
}

#[tokio::test]
async fn a_bulk_reading_says_what_pages_say() {
    let crm = SandboxedSalesforce::start().await;
    let connector = bulk(&crm);
    crm.delete(&crm.leads().await[3].key.external_id).await;
    let expected = by_id(crm.leads().await);
    let pages = read_from(&*connector, connector.open_bulk(Lead, None).await.unwrap()).await;
    assert_eq!(pages.len(), 3);
    assert!(pages.last().unwrap().completes_the_reading());
    assert_eq!(by_id(taken_in(&pages)), expected);
    let place = connector.open_bulk(Opportunity, None).await.unwrap();
    let bulk = connector.read_bulk(Opportunity, &place).await.unwrap();
    let expected = records(&all_pages(&*connector, Opportunity, Position::Start).await);
    let owned = by_id(bulk.page.records.into_iter().map(Result::unwrap).collect());
    assert!(expected.iter().all(|it| bulk.next.is_some() || owned.get(&it.key.external_id) == Some(it)));
}

#[tokio::test]
async fn a_bulk_reading_since_a_stamp_has_what_changed() {
    let crm = SandboxedSalesforce::start().await;
    let leads = crm.leads().await;
    crm.let_pass(60).await;
    let since = crm.sandbox.admin().now();
    crm.let_pass(5).await;
    crm.edit(&leads[9].key.external_id).await;
    let connector = bulk(&crm);
    let pages = read_from(&*connector, connector.open_bulk(Lead, Some(since)).await.unwrap()).await;
    assert_eq!(ids(&taken_in(&pages)), [leads[9].key.external_id.clone()]);
}

#[tokio::test]
async fn a_stored_place_goes_on_in_another_process() {
    let crm = SandboxedSalesforce::start().await;
    let before = bulk(&crm);
    let first = before.read_bulk(Lead, &before.open_bulk(Lead, None).await.unwrap()).await.unwrap();
    let stored = serde_json::to_string(&first.next.clone().unwrap()).unwrap();
    drop(before);
    let place = serde_json::from_str(&stored).unwrap();
    let mut pages = vec![first];
    pages.extend(read_from(&*bulk(&crm), place).await);
    assert!(pages.last().unwrap().completes_the_reading());
    assert_eq!(by_id(taken_in(&pages)).len(), 700);
}

#[tokio::test]
async fn faults_on_the_way_lose_and_double_nothing() {
    let crm = SandboxedSalesforce::start().await;
    let connector = bulk(&crm);
    let expected: BTreeSet<_> = ids(&crm.leads().await).into_iter().collect();
    use FaultKind::*;
    let kinds =
        [Unavailable, ConnectionReset, CutBody, TruncatedBody, DuplicatedPage, ReorderedRows, ExpiredToken];
    for kind in kinds {
        let place = connector.open_bulk(Lead, None).await.unwrap();
        let first = connector.read_bulk(Lead, &place).await.unwrap();
        let results = "/services/data/*/jobs/query/*/results";
        crm.sandbox.faults().inject(Fault::new(kind.clone()).on(results).when(When::Once));
        let mut pages = vec![first];
        let place = pages[0].next.clone().unwrap();
        pages.extend(read_from(&*connector, place).await);
        assert!(crm.has_misbehaved(), "{kind:?}");
        let read = ids(&taken_in(&pages));
        assert_eq!(read.len(), expected.len(), "{kind:?}");
        assert_eq!(read.into_iter().collect::<BTreeSet<_>>(), expected, "{kind:?}");
    }
}

#[tokio::test]
async fn a_lost_job_says_to_open_another_one() {
    let crm = SandboxedSalesforce::start().await;
    let connector = bulk(&crm);
    crm.sandbox.faults().inject(Fault::new(FaultKind::FailingJob));
    let failing = connector.open_bulk(Lead, None).await.unwrap();
    let error = connector.read_bulk(Lead, &failing).await.unwrap_err();
    assert!(matches!(&error, ConnectorError::BulkEnded { reason, .. } if reason == "Failed"), "{error}");
    assert_eq!(error.recovery(), Recovery::OpenBulkAgain);
    let place = connector.open_bulk(Lead, None).await.unwrap();
    let next = connector.read_bulk(Lead, &place).await.unwrap().next.unwrap();
    connector.close_bulk(&next).await.unwrap();
    let error = connector.read_bulk(Lead, &next).await.unwrap_err();
    assert!(matches!(error, ConnectorError::BulkEnded { .. }), "{error}");
    connector.close_bulk(&next).await.unwrap();
}

#[tokio::test]
async fn a_job_that_takes_long_can_be_asked_for_later() {
    let crm = SandboxedSalesforce::start().await;
    crm.sandbox.admin().set_bulk_polls(3);
    let options = BulkOptions {
        patience: Duration::ZERO,
        first_pause: Duration::from_millis(1),
        ..BulkOptions::default()
    };
    let connector = crm.connecting(Config { bulk: options, ..crm.config() });
    let place = connector.open_bulk(Lead, None).await.unwrap();
    for _ in 0..3 {
        let error = connector.read_bulk(Lead, &place).await.unwrap_err();
        assert!(matches!(error, ConnectorError::BulkUnfinished { .. }), "{error}");
    }
    assert!(connector.read_bulk(Lead, &place).await.unwrap().completes_the_reading());
}

#[tokio::test]
async fn an_org_without_bulk_says_to_read_pages() {
    let crm = SandboxedSalesforce::start().await;
    let refusal = FaultKind::Refusal { code: "LIMIT_EXCEEDED".to_owned() };
    crm.sandbox.faults().inject(Fault::new(refusal).on("/services/data/*/jobs"));
    let error = bulk(&crm).open_bulk(Lead, None).await.unwrap_err();
    assert_eq!((error.recovery(), error.code()), (Recovery::ReadByPages, "LIMIT_EXCEEDED"));
}

#[tokio::test]
async fn ids_and_counts_agree_with_what_is_read() {
    let crm = SandboxedSalesforce::start().await;
    crm.let_pass(60).await;
    crm.delete(&crm.leads().await[3].key.external_id).await;
    let leads = crm.leads().await;
    let connector = crm.connector();
    let mut read = Vec::new();
    let mut next = None;
    loop {
        let page = connector.ids(Lead, next.as_deref()).await.unwrap();
        assert_eq!(page.total, Some(700));
        read.extend(page.ids);
        next = page.next;
        if next.is_none() {
            break;
        }
    }
    assert!(read.is_sorted() && read.len() == 700);
    assert_eq!(
        read.iter().filter(|it| it.is_deleted).count(),
        leads.iter().filter(|it| it.is_deleted).count()
    );
    let stamps: BTreeMap<_, _> = read.into_iter().map(|it| (it.external_id, it.stamp)).collect();
    assert!(leads.iter().all(|it| stamps[&it.key.external_id] == it.stamp));
    let all = connector.count(Lead, &Span::default()).await.unwrap();
    assert_eq!((all.records, all.newest), (700, leads.last().map(|it| it.stamp)));
    let middle = leads[350].stamp;
    let older = connector.count(Lead, &Span { from: None, until: Some(middle) }).await.unwrap();
    assert_eq!(older.records, leads.iter().filter(|it| it.stamp < middle).count() as u64);
    let nothing = Span { from: Some(crm.sandbox.admin().now()), until: Some(middle) };
    assert_eq!(connector.count(Lead, &nothing).await.unwrap().newest, None);
}
