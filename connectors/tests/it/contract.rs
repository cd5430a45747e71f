//! What every connector must do, run against a stand-in for its CRM.
//!
//! Here: the suite, and what it needs from a stand-in. `contract!(Fixture)` makes one test of each promise.
//! Not here: a CRM (one file each), what no stand-in does (`scripted`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;
use connectors::{
    Connector, ConnectorError, Keyset, Page, Position, RecordChange, RecordWrite, Recovery, Remedy,
    SchemaDescription, Span, WriteTarget,
};
use domain::fields::RecordKind::{self, Lead};
use domain::fields::lead;
use domain::sources::{SourceRecord, Values};
use domain::sync::SyncErrorCategory;

/// A CRM that we may break.
#[async_trait]
pub(crate) trait ConnectorUnderTest: Sized + Send + Sync {
    /// Starts a CRM with some hundred leads, so that they do not fit into one page.
    async fn start() -> Self;
    /// A connector with the smallest pages and little patience.
    fn connector(&self) -> Arc<dyn Connector>;
    /// The same with credentials the CRM does not know.
    fn with_wrong_credentials(&self) -> Arc<dyn Connector>;
    /// The same with an address where nobody listens.
    fn at_a_dead_address(&self) -> Arc<dyn Connector>;
    /// Lets time pass in the CRM, so that the next change has a later stamp.
    async fn let_pass(&self, seconds: u32);
    /// Somebody else changes a lead.
    async fn edit(&self, external_id: &str);
    /// Somebody else deletes a lead.
    async fn delete(&self, external_id: &str);
    /// The CRM misbehaves for the next two requests that it concerns.
    async fn misbehave(&self, how: Misbehaviour);
    /// Whether all of that has struck.
    fn has_misbehaved(&self) -> bool;
    /// The allowance of requests is used up.
    async fn spend_allowance(&self);
}

/// What CRMs do.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Misbehaviour {
    EndedSession,
    Unavailable,
    Throttled,
    BrokenConnection,
    CutBody,
    TruncatedBody,
    FailingLaterPage,
}

/// Makes one test of each promise.
macro_rules! contract {
    ($fixture:ty) => {
        contract!($fixture:
            settings_that_are_right_pass_the_check,
            every_record_comes_once_and_in_order,
            reading_goes_on_behind_any_record,
            reading_since_a_stamp_includes_it,
            only_what_changed_comes_again,
            deleted_records_are_told,
            records_are_fetched_by_id,
            ids_and_counts_agree_with_pages,
            a_bulk_reading_agrees_with_pages,
            the_bad_days_of_a_crm_pass,
            a_change_is_written_and_comes_back,
            a_change_on_top_of_another_is_a_conflict,
            a_record_that_is_gone_cannot_be_changed,
            writes_have_their_results_in_the_order_given,
            the_allowance_is_respected,
            wrong_credentials_are_told,
            an_unreachable_crm_is_told,
        );
    };
    ($fixture:ty: $($promise:ident),+ $(,)?) => {$(
        #[tokio::test]
        async fn $promise() {
            crate::contract::$promise(&<$fixture as crate::contract::ConnectorUnderTest>::start().await).await;
        }
    )+};
}
pub(crate) use contract;

pub(crate) async fn settings_that_are_right_pass_the_check(crm: &impl ConnectorUnderTest) {
    let connector = crm.connector();
    connector.check().await.unwrap();
    let described = connector.refresh_schema(&SchemaDescription::default()).await.unwrap();
    assert!(described.changes.is_empty() && !described.description.objects.is_empty());
    assert!(connector.refresh_schema(&described.description).await.unwrap().changes.is_empty());
    let kinds = connector.kinds();
    assert!(kinds.contains(&Lead));
    assert!(kinds.is_sorted(), "a kind comes after those it refers to: {kinds:?}");
}

pub(crate) async fn every_record_comes_once_and_in_order(crm: &impl ConnectorUnderTest) {
    let connector = crm.connector();
    for kind in connector.kinds() {
        let pages = all_pages(&*connector, kind, Position::Start).await;
        let keys: Vec<Keyset> = records(&pages).iter().map(keyset).collect();
        assert!(keys.windows(2).all(|pair| pair[0] < pair[1]), "{kind} not in order, or twice");
        assert_eq!(pages[0].total, Some(keys.len() as u64), "{kind}");
        assert_eq!(pages.last().unwrap().last, keys.last().cloned(), "{kind}");
        for record in records(&pages) {
            assert_eq!((record.kind, &*record.key.object), (kind, connector.object(kind).unwrap()));
            assert!(!record.values.is_empty() && record.stamp <= pages[0].server_time);
        }
    }
    assert!(all_pages(&*connector, Lead, Position::Start).await.len() > 2, "the stand-in has too few leads");
}

pub(crate) async fn reading_goes_on_behind_any_record(crm: &impl ConnectorUnderTest) {
    let connector = crm.connector();
    let everything = ids(&records(&all_pages(&*connector, Lead, Position::Start).await));
    let first = connector.read_page(Lead, &Position::Start).await.unwrap();
    let behind = all_pages(&*connector, Lead, Position::After(first.last.clone().unwrap())).await;
    let mut resumed = ids(&records(std::slice::from_ref(&first)));
    resumed.extend(ids(&records(&behind)));
    assert_eq!(resumed, everything);
    let middle = keyset(&records(&[first])[7]);
    let behind = ids(&records(&all_pages(&*connector, Lead, Position::After(middle)).await));
    assert_eq!(behind, everything[8..]);
}

pub(crate) async fn reading_since_a_stamp_includes_it(crm: &impl ConnectorUnderTest) {
    let connector = crm.connector();
    let everything = records(&all_pages(&*connector, Lead, Position::Start).await);
    let stamp = everything[everything.len() / 2].stamp;
    let expected: Vec<_> = everything.iter().filter(|it| it.stamp >= stamp).cloned().collect();
    let since = records(&all_pages(&*connector, Lead, Position::Since(stamp)).await);
    assert_eq!(ids(&since), ids(&expected));
}

pub(crate) async fn only_what_changed_comes_again(crm: &impl ConnectorUnderTest) {
    let connector = crm.connector();
    let before = records(&all_pages(&*connector, Lead, Position::Start).await);
    crm.let_pass(5).await;
    crm.edit(&before[3].key.external_id).await;
    let behind = Position::After(keyset(before.last().unwrap()));
    let changed = records(&all_pages(&*connector, Lead, behind).await);
    assert_eq!(ids(&changed), [before[3].key.external_id.clone()]);
    assert!(changed[0].stamp > before[3].stamp && changed[0].values != before[3].values);
    assert_eq!(changed[0].created_at, before[3].created_at);
}

pub(crate) async fn deleted_records_are_told(crm: &impl ConnectorUnderTest) {
    let connector = crm.connector();
    let before = records(&all_pages(&*connector, Lead, Position::Start).await);
    let gone = &before[5].key.external_id;
    crm.let_pass(5).await;
    crm.delete(gone).await;
    let behind = all_pages(&*connector, Lead, Position::After(keyset(before.last().unwrap()))).await;
    let told = records(&behind);
    assert_eq!(ids(&told), std::slice::from_ref(gone));
    assert!(told[0].is_deleted);
    // Lists of deletions look at whole minutes.
    crm.let_pass(180).await;
    let now = connector.fetch(Lead, &[]).await.unwrap().server_time;
    let since = told[0].stamp - chrono::Duration::minutes(1);
    let deletions = connector.deletions(Lead, since, now).await.unwrap();
    assert_eq!(deletions.external_ids, std::slice::from_ref(gone));
    assert!(deletions.covered_until > told[0].stamp && deletions.covered_until <= now);
}

pub(crate) async fn records_are_fetched_by_id(crm: &impl ConnectorUnderTest) {
    let connector = crm.connector();
    let known = records(&[connector.read_page(Lead, &Position::Start).await.unwrap()]);
    crm.delete(&known[2].key.external_id).await;
    let mut asked: Vec<String> = known.iter().take(3).map(|it| it.key.external_id.clone()).collect();
    asked.push("no id at all".to_owned());
    let fetched = records(&[connector.fetch(Lead, &asked).await.unwrap()]);
    assert_eq!(ids(&fetched).into_iter().collect::<BTreeSet<_>>(), asked[..3].iter().cloned().collect());
    assert_eq!(fetched.iter().filter(|it| it.is_deleted).count(), 1);
}

pub(crate) async fn ids_and_counts_agree_with_pages(crm: &impl ConnectorUnderTest) {
    let connector = crm.connector();
    let read = records(&all_pages(&*connector, Lead, Position::Start).await);
    let mut told = BTreeMap::new();
    let mut next = None;
    loop {
        let page = connector.ids(Lead, next.as_deref()).await.unwrap();
        told.extend(page.ids.into_iter().map(|it| (it.external_id, (it.stamp, it.is_deleted))));
        next = page.next;
        if next.is_none() {
            break;
        }
    }
    let expected = read.iter().map(|it| (it.key.external_id.clone(), (it.stamp, it.is_deleted)));
    assert_eq!(told, expected.collect());
    let tally = connector.count(Lead, &Span::default()).await.unwrap();
    assert_eq!((tally.records, tally.newest), (read.len() as u64, read.last().map(|it| it.stamp)));
}

pub(crate) async fn a_bulk_reading_agrees_with_pages(crm: &impl ConnectorUnderTest) {
    let connector = crm.connector();
    let place = match connector.open_bulk(Lead, None).await {
        Ok(place) => place,
        Err(error) => return assert_eq!(error.recovery(), Recovery::ReadByPages, "{error}"),
    };
    let mut bulk = vec![connector.read_bulk(Lead, &place).await.unwrap()];
    while let Some(place) = bulk.last().and_then(|it| it.next.clone()) {
        bulk.push(connector.read_bulk(Lead, &place).await.unwrap());
    }
    assert!(bulk.last().unwrap().completes_the_reading());
    let pages: Vec<Page> = bulk.into_iter().map(|it| it.page).collect();
    let mut read = records(&pages);
    read.sort_by_key(keyset);
    assert_eq!(read, records(&all_pages(&*connector, Lead, Position::Start).await));
    connector.close_bulk(&place).await.unwrap();
}

pub(crate) async fn writes_have_their_results_in_the_order_given(crm: &impl ConnectorUnderTest) {
    let connector = crm.connector();
    let mut leads = records(&[connector.read_page(Lead, &Position::Start).await.unwrap()]);
    leads.retain(|it| !it.is_deleted && it.values.text(lead::stage) != Some("CONVERTED"));
    crm.let_pass(5).await;
    crm.edit(&leads[1].key.external_id).await;
    let write = |lead: &SourceRecord| {
        let RecordChange { key, kind, values, unmodified_since } = retitled(lead, "課長");
        let target = WriteTarget::Update { external_id: key.external_id, unmodified_since };
        RecordWrite { kind, target, values, parent: None }
    };
    let results = connector.write(&[write(&leads[0]), write(&leads[1]), write(&leads[2])]).await;
    let written: Vec<_> = results.iter().map(|it| it.as_ref().map(|it| &it.external_id).ok()).collect();
    assert_eq!(written, [Some(&leads[0].key.external_id), None, Some(&leads[2].key.external_id)]);
    assert_eq!(results[1].as_ref().unwrap_err().remedy, Remedy::Rebase);
    assert_eq!(results[0].as_ref().unwrap().stored.text(lead::title), Some("課長"));
}

pub(crate) async fn the_bad_days_of_a_crm_pass(crm: &impl ConnectorUnderTest) {
    let connector = crm.connector();
    let expected = ids(&records(&all_pages(&*connector, Lead, Position::Start).await));
    use Misbehaviour::*;
    for how in
        [EndedSession, Unavailable, Throttled, BrokenConnection, CutBody, TruncatedBody, FailingLaterPage]
    {
        crm.misbehave(how).await;
        let read = ids(&records(&all_pages(&*connector, Lead, Position::Start).await));
        assert_eq!(read, expected, "after {how:?}");
        assert!(crm.has_misbehaved(), "{how:?} never struck");
    }
}

pub(crate) async fn a_change_is_written_and_comes_back(crm: &impl ConnectorUnderTest) {
    let connector = crm.connector();
    let lead = records(&[connector.read_page(Lead, &Position::Start).await.unwrap()]).remove(0);
    crm.let_pass(5).await;
    let written = connector.update(&retitled(&lead, "購買部長 \"A\"")).await.unwrap();
    let again = records(&[connector.fetch(Lead, std::slice::from_ref(&lead.key.external_id)).await.unwrap()])
        .remove(0);
    assert_eq!(again.values.text(lead::title), Some("購買部長 \"A\""));
    assert_eq!(again.values.text(lead::company), lead.values.text(lead::company));
    assert_eq!(Some(again.stamp), written.stamp);
    assert!(again.stamp > lead.stamp);
}

pub(crate) async fn a_change_on_top_of_another_is_a_conflict(crm: &impl ConnectorUnderTest) {
    let connector = crm.connector();
    let lead = records(&[connector.read_page(Lead, &Position::Start).await.unwrap()]).remove(0);
    crm.let_pass(5).await;
    crm.edit(&lead.key.external_id).await;
    let error = connector.update(&retitled(&lead, "too late")).await.unwrap_err();
    assert!(matches!(error, ConnectorError::Conflict { .. }), "{error}");
    assert_eq!(error.category(), SyncErrorCategory::Conflict);
    let again = connector.fetch(Lead, std::slice::from_ref(&lead.key.external_id)).await.unwrap();
    assert_ne!(records(&[again])[0].values.text(lead::title), Some("too late"));
}

pub(crate) async fn a_record_that_is_gone_cannot_be_changed(crm: &impl ConnectorUnderTest) {
    let connector = crm.connector();
    let lead = records(&[connector.read_page(Lead, &Position::Start).await.unwrap()]).remove(0);
    crm.delete(&lead.key.external_id).await;
    let change = RecordChange { unmodified_since: None, ..retitled(&lead, "nobody") };
    let error = connector.update(&change).await.unwrap_err();
    assert_eq!((error.category(), error.recovery()), (SyncErrorCategory::NotFound, Recovery::SkipRecord));
}

pub(crate) async fn the_allowance_is_respected(crm: &impl ConnectorUnderTest) {
    let connector = crm.connector();
    connector.read_page(Lead, &Position::Start).await.unwrap();
    let budget = connector.budget().unwrap();
    connector.read_page(Lead, &Position::Start).await.unwrap();
    assert!(connector.budget().unwrap().used > budget.used);
    crm.spend_allowance().await;
    let mut refused = None;
    for _ in 0..3 {
        refused = connector.read_page(Lead, &Position::Start).await.err();
    }
    let error = refused.unwrap();
    assert!(matches!(error, ConnectorError::BudgetSpent { .. }), "{error}");
    assert!(matches!(error.recovery(), Recovery::RetryAfter(_)));
}

pub(crate) async fn wrong_credentials_are_told(crm: &impl ConnectorUnderTest) {
    let error = crm.with_wrong_credentials().check().await.unwrap_err();
    assert_eq!(
        (error.category(), error.recovery()),
        (SyncErrorCategory::Auth, Recovery::WaitForCredentials),
        "{error}"
    );
}

pub(crate) async fn an_unreachable_crm_is_told(crm: &impl ConnectorUnderTest) {
    let error = crm.at_a_dead_address().check().await.unwrap_err();
    assert_eq!(error.category(), SyncErrorCategory::Transport, "{error}");
    assert!(matches!(error.recovery(), Recovery::RetryAfter(_)));
}

pub(crate) async fn all_pages(connector: &dyn Connector, kind: RecordKind, from: Position) -> Vec<Page> {
    let mut pages = vec![connector.read_page(kind, &from).await.unwrap()];
    while let Some(token) = pages.last().and_then(|it| it.next.clone()) {
        pages.push(connector.read_page(kind, &Position::Next(token)).await.unwrap());
    }
    pages
}

pub(crate) fn records(pages: &[Page]) -> Vec<SourceRecord> {
    pages.iter().flat_map(|it| it.records.clone()).map(Result::unwrap).collect()
}

pub(crate) fn ids(records: &[SourceRecord]) -> Vec<String> {
    records.iter().map(|it| it.key.external_id.clone()).collect()
}

fn keyset(record: &SourceRecord) -> Keyset {
    Keyset { stamp: record.stamp, external_id: record.key.external_id.clone() }
}

pub(crate) fn retitled(lead: &SourceRecord, title: &str) -> RecordChange {
    RecordChange {
        key: lead.key.clone(),
        kind: Lead,
        values: Values::from_iter([(lead::title, Some(title.to_owned()))]),
        unmodified_since: Some(lead.modified_at),
    }
}
