//! What is forgotten, and what is not.

use chrono::TimeDelta;
use entity::sync::{sync_error, sync_object_report};
use gateway::sync::retention::{self, Retention};
use gateway::sync::run::SyncScope;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::json;

use super::stage::on_every_store;

const LEADS: usize = 200;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_done_is_forgotten_and_what_still_counts_is_not() {
    on_every_store(LEADS, async |stage| {
        let (store, config) = (&stage.store, stage.config());
        let deal = stage.crm.any("Opportunity").await;
        stage.crm.update("Opportunity", &deal, json!({ "Amount": 1000.5, "CurrencyIsoCode": "JPY" })).await;
        stage.sync_as(&config, SyncScope::reconcile()).await.unwrap();
        stage.let_pass(TimeDelta::hours(1));
        stage.crm.update("Opportunity", &deal, json!({ "Amount": 1000 })).await;
        stage.sync().await.unwrap();
        stage.let_pass(TimeDelta::hours(1));
        stage.sync().await.unwrap();
        stage.let_pass(TimeDelta::days(100));
        let month = TimeDelta::days(30);
        let keep = Retention { runs: month, failures: month, changes: month };
        let before = store.holds().await;
        retention::forget(&store.database, &keep, stage.clock.now()).await.unwrap();
        let runs = store.runs().await;
        assert_eq!(runs.len(), 2, "the newest run and the comparison: {runs:?}");
        let db = store.database.read();
        let reports = sync_object_report::Entity::find().all(db).await.unwrap();
        assert!(reports.iter().all(|it| runs.iter().any(|run| run.id == it.run_id)));
        assert_eq!(sync_error::Entity::find().count(db).await.unwrap(), 0, "it was mended");
        assert_eq!(store.holds().await, before);
        assert_eq!(retention::forget(&store.database, &keep, stage.clock.now()).await.unwrap(), 0);
    })
    .await;
}
