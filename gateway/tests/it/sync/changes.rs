//! What changes in the CRM after it was read: values, deletions, returns; and what does not change.

use chrono::TimeDelta;
use entity::golden::observation;
use gateway::sync::run::{Counts, SyncScope};
use sea_orm::{EntityTrait, QueryOrder};
use serde_json::json;

use super::stage::{Stage, on_every_store};
use super::store::assert_holds;

const LEADS: usize = 250;
const HOUR: TimeDelta = TimeDelta::hours(1);

/// A store that has read the CRM once, an hour ago.
async fn after_a_run(scene: impl AsyncFn(&Stage)) {
    on_every_store(LEADS, async |stage| {
        stage.sync().await.unwrap();
        stage.let_pass(HOUR);
        scene(stage).await;
    })
    .await;
}

fn changed(counts: Counts) -> u64 {
    assert_eq!(counts.failed, 0);
    counts.changed
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_without_news_changes_nothing() {
    after_a_run(async |stage| {
        let before = stage.store.holds().await;
        assert_eq!(changed(stage.sync().await.unwrap()), 0);
        assert_holds(&stage.store, &before).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_run_reads_everything_again_and_changes_nothing() {
    on_every_store(LEADS, async |stage| {
        let first = stage.sync().await.unwrap();
        let before = stage.store.holds().await;
        stage.let_pass(HOUR);
        let counts = stage.sync_as(&stage.config(), SyncScope::full()).await.unwrap();
        assert_eq!(counts, Counts { read: first.read, changed: 0, unchanged: first.read, failed: 0 });
        assert_holds(&stage.store, &before).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_record_is_served_as_it_is_now() {
    after_a_run(async |stage| {
        let lead = stage.crm.any("Lead").await;
        stage.crm.update("Lead", &lead, json!({ "Title": "新任部長" })).await;
        assert_eq!(changed(stage.sync().await.unwrap()), 1);
        let served = stage.store.lead(&lead).await;
        assert_eq!((served.title.as_deref(), served.version), (Some("新任部長"), 2));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_was_only_touched_says_nothing_new() {
    after_a_run(async |stage| {
        stage.crm.admin().touch(&stage.crm.any("Lead").await).unwrap();
        assert_eq!(changed(stage.sync().await.unwrap()), 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_record_arrives() {
    after_a_run(async |stage| {
        let fields = json!({ "LastName": "新宿", "Company": "新設商事", "Email": "s@shinsetsu.example.jp" });
        let lead = stage.crm.create("Lead", fields).await;
        assert_eq!(changed(stage.sync().await.unwrap()), 1);
        assert_eq!(stage.store.lead(&lead).await.company.as_deref(), Some("新設商事"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_record_is_archived_and_comes_back_with_its_undelete() {
    after_a_run(async |stage| {
        let lead = stage.new_lead().await;
        stage.sync().await.unwrap();
        stage.let_pass(HOUR);
        let before = stage.store.lead(&lead).await;
        assert_eq!(before.archived_at, None);
        stage.crm.delete("Lead", &lead).await;
        assert_eq!(changed(stage.sync().await.unwrap()), 1);
        assert!(stage.store.lead(&lead).await.archived_at.is_some());
        stage.let_pass(HOUR);
        stage.crm.admin().undelete(&lead).unwrap();
        assert_eq!(changed(stage.sync().await.unwrap()), 1);
        let after = stage.store.lead(&lead).await;
        assert_eq!((after.id, after.archived_at, after.email), (before.id, None, before.email));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purged_record_is_noticed_by_the_list_of_deletions() {
    after_a_run(async |stage| {
        let lead = stage.new_lead().await;
        stage.sync().await.unwrap();
        stage.let_pass(HOUR);
        stage.crm.delete("Lead", &lead).await;
        stage.crm.admin().purge(&lead).unwrap();
        stage.let_pass(HOUR);
        stage.sync().await.unwrap();
        assert!(stage.store.lead(&lead).await.archived_at.is_some());
        stage.let_pass(HOUR);
        assert_eq!(changed(stage.sync().await.unwrap()), 0, "it is gone once");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_of_a_deleted_record_no_longer_competes() {
    after_a_run(async |stage| {
        // Two records of one person: the newer title wins until its record is deleted.
        let person = |title: &str| {
            json!({
                "LastName": "佐久間", "FirstName": "梓", "Company": "株式会社極洋", "Title": title,
                "Email": "azusa.sakuma@kyokuyo.example.jp", "Phone": "03-1111-2222",
            })
        };
        let older = stage.crm.create("Lead", person("課長")).await;
        stage.let_pass(HOUR);
        let newer = stage.crm.create("Lead", person("部長")).await;
        stage.sync().await.unwrap();
        let (one, other) = (stage.store.lead(&older).await, stage.store.lead(&newer).await);
        assert_eq!(one.id, other.id, "they are one person");
        assert_eq!(one.title.as_deref(), Some("部長"));
        stage.let_pass(HOUR);
        stage.crm.delete("Lead", &newer).await;
        stage.sync().await.unwrap();
        let after = stage.store.lead(&older).await;
        assert_eq!((after.title.as_deref(), after.archived_at), (Some("課長"), None));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_ahead_is_not_believed() {
    after_a_run(async |stage| {
        let lead = stage.crm.any("Lead").await;
        stage.crm.admin().advance(TimeDelta::days(10).to_std().unwrap());
        stage.crm.update("Lead", &lead, json!({ "Title": "未来部長" })).await;
        stage.sync().await.unwrap();
        assert_eq!(stage.store.lead(&lead).await.title.as_deref(), Some("未来部長"));
        let newest = observation::Entity::find().order_by_desc(observation::Column::Sequence);
        let newest = newest.one(stage.store.database.read()).await.unwrap().unwrap();
        assert_eq!(newest.flags, "CLOCK_SKEW");
        assert!(newest.modified_at > newest.observed_at);
    })
    .await;
}
