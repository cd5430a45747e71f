//! Reading everything: bulk jobs, comparisons of all ids, and what a reading must have brought to count as complete.

use std::sync::Mutex;

use chrono::TimeDelta;
use domain::fields::RecordKind;
use domain::review::{ReviewKind, ReviewState};
use domain::sync::ReadMethod;
use entity::golden::source_record;
use entity::review::review_task;
use entity::sync::{sync_object_report, watermark};
use gateway::sync::reports;
use gateway::sync::run::{self, Counts, Extent, Observer, ReadOptions, SyncJob, SyncScope, Unobserved};
use sandbox::{Fault, FaultKind, When};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::crm::Crm;
use super::stage::{Stage, on_every_store};
use super::store::{assert_holds, assert_same};

const LEADS: usize = 450;
const HOUR: TimeDelta = TimeDelta::hours(1);

/// The report of one object in a run with this scope.
async fn report(stage: &Stage, job: &SyncJob, scope: &SyncScope, object: &str) -> sync_object_report::Model {
    let (id, _) = run::run(job, scope, &Unobserved).await.unwrap();
    let reports = reports::of_runs(stage.store.database.read(), &[id]).await.unwrap();
    reports.into_iter().find(|it| it.object == object).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_load_of_many_records_goes_by_a_bulk_job() {
    on_every_store(LEADS, async |stage| {
        let job = stage.job(&stage.config());
        let job = SyncJob { options: ReadOptions { bulk_from: 300, ..job.options }, ..job };
        let leads = report(stage, &job, &SyncScope::default(), "Lead").await;
        assert_eq!(leads.method, Some(ReadMethod::Bulk));
        assert!(leads.is_complete && leads.records_expected <= Some(leads.records_received), "{leads:?}");
        assert_same(&stage.store, &stage.undisturbed().await).await;
        stage.let_pass(HOUR);
        let again = report(stage, &job, &SyncScope::default(), "Lead").await;
        assert_eq!((again.method, again.records_changed), (Some(ReadMethod::Pages), 0));
    })
    .await;
}

/// Collects the reports of a run.
#[derive(Default)]
struct Reports(Mutex<Vec<sync_object_report::Model>>);

impl Reports {
    fn of(&self, object: &str) -> sync_object_report::Model {
        self.0.lock().unwrap().iter().find(|it| it.object == object).unwrap().clone()
    }
}

impl Observer for Reports {
    fn begin(&self, _: RecordKind) {}
    fn page(&self, _: RecordKind, _: Counts, _: Option<u64>) {}
    fn end(&self, _: RecordKind, _: Counts) {}

    fn report(&self, report: &sync_object_report::Model) {
        self.0.lock().unwrap().push(report.clone());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_leaves_the_bulk_job_of_a_real_one_alone() {
    on_every_store(LEADS, async |stage| {
        let mut config = stage.config();
        config.bulk.page_size = 100;
        let job = stage.job(&config);
        let job = SyncJob { options: ReadOptions { bulk_from: 300, ..job.options }, ..job };
        let lost = Fault::new(FaultKind::Unavailable).on("/services/data/*/jobs/query").when(When::Times(40));
        let cut = CutOff { crm: &stage.crm, fault: lost };
        run::run(&job, &SyncScope::default(), &cut).await.unwrap_err();
        stage.crm.recover();
        let place = async || {
            let rows = stage.store.watermarks().await;
            rows.into_iter().find_map(|it| it.bulk_place).expect("a bulk reading is under way")
        };
        let before = place().await;
        let dry = SyncScope { is_dry_run: true, ..SyncScope::default() };
        run::run(&job, &dry, &Unobserved).await.unwrap();
        assert_eq!(place().await, before);
        let leads = report(stage, &job, &SyncScope::default(), "Lead").await;
        assert_eq!((leads.method, leads.is_complete), (Some(ReadMethod::Bulk), true), "{leads:?}");
        assert_same(&stage.store, &stage.undisturbed().await).await;
    })
    .await;
}

/// Switches a fault on as soon as a page of leads is stored.
struct CutOff<'a> {
    crm: &'a Crm,
    fault: Fault,
}

impl Observer for CutOff<'_> {
    fn begin(&self, _: RecordKind) {}

    fn page(&self, kind: RecordKind, _: Counts, _: Option<u64>) {
        if kind == RecordKind::Lead {
            self.crm.suffer(self.fault.clone());
        }
    }

    fn end(&self, _: RecordKind, _: Counts) {}
}

#[tokio::test(flavor = "multi_thread")]
async fn every_object_says_how_much_came_of_how_much() {
    on_every_store(LEADS, async |stage| {
        let job = stage.job(&stage.config());
        let leads = report(stage, &job, &SyncScope::default(), "Lead").await;
        assert_eq!((leads.method, leads.is_complete), (Some(ReadMethod::Pages), true));
        assert_eq!(leads.records_expected, Some(leads.records_received));
        assert_eq!(leads.records_read, leads.records_received);
    })
    .await;
}

/// Moves the watermarks ahead of what was read, as no run ever may.
async fn lose_sight(stage: &Stage) {
    use watermark::Column;
    let ahead = stage.crm.admin().now() + HOUR;
    watermark::Entity::update_many()
        .col_expr(Column::CompleteTo, Expr::value(ahead))
        .col_expr(Column::DeletionsTo, Expr::value(ahead))
        .exec(stage.store.database.read())
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comparison_finds_and_mends_what_runs_have_missed() {
    on_every_store(LEADS, async |stage| {
        let purged = stage.new_lead().await;
        stage.sync().await.unwrap();
        stage.let_pass(HOUR);
        let missing =
            stage.crm.create("Lead", serde_json::json!({ "LastName": "三好", "Company": "見落商店" })).await;
        let stale = stage.crm.any("Lead").await;
        stage.crm.update("Lead", &stale, serde_json::json!({ "Title": "見落部長" })).await;
        stage.crm.delete("Lead", &purged).await;
        stage.crm.admin().purge(&purged).unwrap();
        lose_sight(stage).await;
        assert_eq!(stage.sync().await.unwrap().changed, 0, "a run does not look back");

        let job = stage.job(&stage.config());
        let before = stage.store.holds().await;
        let dry = SyncScope { is_dry_run: true, ..SyncScope::reconcile() };
        let foreseen = Reports::default();
        run::run(&job, &dry, &foreseen).await.unwrap();
        let foreseen = foreseen.of("Lead");
        assert_eq!((foreseen.missing, foreseen.stale, foreseen.surplus), (1, 1, 1), "{foreseen:?}");
        assert_holds(&stage.store, &before).await;

        let found = report(stage, &job, &SyncScope::reconcile(), "Lead").await;
        assert_eq!((found.missing, found.stale, found.surplus, found.repaired), (1, 1, 1, 3), "{found:?}");
        assert_eq!(found.method, Some(ReadMethod::Ids));
        assert_eq!(stage.store.lead(&missing).await.company.as_deref(), Some("見落商店"));
        assert_eq!(stage.store.lead(&stale).await.title.as_deref(), Some("見落部長"));
        assert!(stage.store.lead(&purged).await.archived_at.is_some());
        let again = report(stage, &job, &SyncScope::reconcile(), "Lead").await;
        assert_eq!((again.missing, again.stale, again.surplus, again.records_read), (0, 0, 0, 0));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_content_behind_a_right_stamp_is_found_by_reading_everything() {
    on_every_store(LEADS, async |stage| {
        let lead = stage.new_lead().await;
        stage.sync().await.unwrap();
        stage.let_pass(HOUR);
        let db = stage.store.database.read();
        let of_lead =
            || source_record::Entity::find().filter(source_record::Column::ExternalId.eq(lead.as_str()));
        let before = of_lead().one(db).await.unwrap().unwrap();
        source_record::Entity::update_many()
            .col_expr(source_record::Column::Facts, Expr::value(before.facts.replace("係長", "部長")))
            .col_expr(source_record::Column::ContentHash, Expr::value("of something else"))
            .filter(source_record::Column::Id.eq(before.id))
            .exec(db)
            .await
            .unwrap();
        let job = stage.job(&stage.config());
        let ids = report(stage, &job, &SyncScope::reconcile(), "Lead").await;
        assert_eq!((ids.stale, ids.repaired), (0, 0), "its stamp is right");
        let all =
            report(stage, &job, &SyncScope { extent: Extent::Contents, ..SyncScope::default() }, "Lead")
                .await;
        assert_eq!(all.repaired, 1, "{all:?}");
        let after = of_lead().one(db).await.unwrap().unwrap();
        assert!(after.facts.contains("係長") && after.content_hash == before.content_hash);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_long_pause_all_ids_are_compared_before_deletions_count_again() {
    on_every_store(LEADS, async |stage| {
        let lead = stage.new_lead().await;
        stage.sync().await.unwrap();
        stage.let_pass(HOUR);
        stage.crm.delete("Lead", &lead).await;
        stage.crm.admin().purge(&lead).unwrap();
        stage.let_pass(TimeDelta::days(20));
        let job = stage.job(&stage.config());
        let leads = report(stage, &job, &SyncScope::default(), "Lead").await;
        assert_eq!((leads.surplus, leads.repaired), (1, 1));
        assert!(stage.store.lead(&lead).await.archived_at.is_some());
        let tasks =
            review_task::Entity::find().filter(review_task::Column::Kind.eq(ReviewKind::DeleteHorizon));
        let tasks = tasks.all(stage.store.database.read()).await.unwrap();
        assert!(!tasks.is_empty(), "people can see that it happened");
        assert!(tasks.iter().all(|it| it.state == ReviewState::Superseded), "and that it was mended");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_without_news_costs_two_requests_for_each_object() {
    on_every_store(LEADS, async |stage| {
        let job = stage.job(&stage.config());
        run::run(&job, &SyncScope::default(), &Unobserved).await.unwrap();
        stage.let_pass(TimeDelta::minutes(10));
        stage.crm.admin().reset_requests();
        run::run(&job, &SyncScope::default(), &Unobserved).await.unwrap();
        let asked = stage.crm.admin().requests();
        let count: u64 = asked.values().sum();
        assert!(count <= 2 * job.connector.kinds().len() as u64, "{asked:?}");
    })
    .await;
}
