//! Whatever happens on the way, the CRM has one record.

use std::time::Duration;

use domain::fields::{RecordKind, lead};
use gateway::sync::outbound::sender::Sent;
use sandbox::{DuplicateRule, Fault, FaultKind};
use serde_json::json;

use super::making::{company, mapping, stranger, where_leads_are_made};
use super::{Scene, after_reading_with};

/// Where leads are made under our key, and where they are only created.
const UPSERT: &str = "/services/data/*/composite/sobjects/Lead/External_Id__c";
const CREATE: &str = "/services/data/*/composite/sobjects";
/// Where leads are read by id.
const READ: &str = "/services/data/*/composite/sobjects/Lead";

/// Plays a scene with either way to make records, and the path it takes.
async fn either_way(scene: impl AsyncFn(&Scene<'_>, &str)) {
    for (writing, path) in [("upsert", UPSERT), ("create-only", CREATE)] {
        after_reading_with(20, mapping(writing, &["lead"]), async |it| scene(it, path).await).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_whose_answer_was_lost_is_looked_for() {
    either_way(async |it, path| {
        it.gateway.hears([stranger("MA-1")]).await;
        it.crm.suffer(Fault::new(FaultKind::CutBody).on(path));
        assert_eq!(it.push().await, Sent { deferred: 1, ..Sent::default() });
        assert_eq!(it.strangers("MA-1").await.len(), 1, "it was made all the same");
        let there = it.strangers("MA-1").await.remove(0);
        // What somebody there has changed since is not overwritten.
        it.crm.update("Lead", &there, json!({ "Email": "there@there.example" })).await;
        assert_eq!(it.push().await, Sent { accepted: 1, ..Sent::default() });
        assert_eq!(it.the_stranger("MA-1").await, there);
        assert_eq!(it.crm.read("Lead", &there, "Email").await, json!("there@there.example"));
        it.is_at_rest().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_never_arrived_is_sent_again() {
    either_way(async |it, path| {
        it.gateway.hears([stranger("MA-1")]).await;
        it.crm.suffer(Fault::new(FaultKind::ConnectionReset).on(path));
        assert_eq!(it.push().await, Sent { deferred: 1, ..Sent::default() });
        assert!(it.strangers("MA-1").await.is_empty());
        let sent = it.push().await;
        assert_eq!((sent.accepted, sent.refused), (1, 0), "{sent:?}");
        it.the_stranger("MA-1").await;
        it.is_at_rest().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_whose_sender_died_is_looked_for() {
    either_way(async |it, _| {
        it.gateway.hears([stranger("MA-1")]).await;
        it.crm.suffer(Fault::new(FaultKind::Latency { millis: 5_000 }).on(READ));
        let sender = it.sender();
        let dying = tokio::spawn(async move { sender.send_all(&|_| {}).await.map(drop) });
        while it.strangers("MA-1").await.is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        dying.abort();
        assert_eq!(it.changes("SENDING").await.len(), 1);
        assert_eq!(it.push().await, Sent::default(), "its sender may still live");
        it.passes(chrono::TimeDelta::minutes(6));
        assert_eq!(it.push().await, Sent { accepted: 1, ..Sent::default() });
        it.the_stranger("MA-1").await;
        it.is_at_rest().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_may_be_faster_than_the_answer() {
    either_way(async |it, path| {
        it.gateway.hears([stranger("MA-1")]).await;
        let id = it.id_of(RecordKind::Lead, "MA-1").await;
        let shown = "provenance(fields: [\"email\"]) { value effectiveAt }";
        let before = it.lead(&id, shown).await;
        it.crm.suffer(Fault::new(FaultKind::CutBody).on(path));
        assert_eq!(it.push().await, Sent { deferred: 1, ..Sent::default() });
        it.later().await;
        assert_eq!(it.read().await, 0, "the page tells that it has arrived, and nothing new");
        assert!(it.changes("SENDING, PENDING").await.is_empty());
        it.the_stranger("MA-1").await;
        assert_eq!(it.lead(&id, shown).await, before);
        it.is_at_rest().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_was_deleted_before_we_knew_of_it_is_not_made_again() {
    either_way(async |it, path| {
        it.gateway.hears([stranger("MA-1")]).await;
        it.crm.suffer(Fault::new(FaultKind::CutBody).on(path));
        it.push().await;
        let there = it.strangers("MA-1").await.remove(0);
        it.later().await;
        it.crm.delete("Lead", &there).await;
        assert_eq!(it.push().await, Sent { accepted: 1, ..Sent::default() });
        let golden = it.gateway.golden_of(RecordKind::Lead, &there).await;
        assert_eq!(golden, it.gateway.golden_of(RecordKind::Lead, "MA-1").await);
        it.gateway.hears([stranger("MA-1").with(lead::title, "部長").at("2026-06-02T00:00:00Z")]).await;
        it.is_at_rest().await;
        assert!(it.strangers("MA-1").await.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_senders_at_once_make_each_record_once() {
    either_way(async |it, _| {
        it.gateway.hears_at_once((0..30).map(|n| stranger(&format!("MA-{n}")))).await;
        let (one, two) = (it.sender(), it.sender());
        let (one, two) = tokio::join!(one.send_all(&|_| {}), two.send_all(&|_| {}));
        assert_eq!(one.unwrap().accepted + two.unwrap().accepted, 30);
        for n in 0..30 {
            it.the_stranger(&format!("MA-{n}")).await;
        }
        it.is_at_rest().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_duplicate_rule_asks_a_person_and_nothing_is_doubled() {
    where_leads_are_made(async |it| {
        let other = json!({ "LastName": "別人", "Company": company("MA-1") });
        let there = it.crm.create("Lead", other).await;
        it.crm.admin().set_duplicate_rule(DuplicateRule::on("Lead", &["Company"])).unwrap();
        it.later().await;
        it.read().await;
        it.gateway.hears([stranger("MA-1")]).await;
        assert_eq!(it.push().await, Sent { refused: 1, ..Sent::default() });
        assert_eq!(it.changes("REFUSED").await[0]["code"], "DUPLICATES_DETECTED");
        assert_eq!(it.tasks("WRITE_BACK_FAILED").await.len(), 1);
        assert_eq!(it.push().await, Sent::default(), "it is not tried again unchanged");
        assert_eq!(it.strangers("MA-1").await, [there]);
        let renamed = stranger("MA-1").with(lead::company, &company("MA-2"));
        it.gateway.hears([renamed.at("2026-06-02T00:00:00Z")]).await;
        assert_eq!(it.push().await, Sent { accepted: 1, ..Sent::default() });
        assert_eq!(it.strangers("MA-2").await.len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_crm_refuses_is_sent_again_when_it_has_changed_meanwhile() {
    where_leads_are_made(async |it| {
        it.gateway.hears([stranger("MA-1").with(lead::last_name, &"長".repeat(300))]).await;
        assert_eq!(it.push().await, Sent { refused: 1, ..Sent::default() });
        it.gateway.hears([stranger("MA-1").at("2026-06-02T00:00:00Z")]).await;
        assert_eq!(it.push().await, Sent { accepted: 1, ..Sent::default() });
        it.the_stranger("MA-1").await;
    })
    .await;
}
