//! Whatever happens on the way: in the end nothing is lost, nothing doubled, and nothing different without a reason.

use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::TimeDelta;
use domain::fields::RecordKind;
use gateway::sync::run::{self, Counts, Observer, SyncScope};
use sandbox::FaultKind::*;
use sandbox::{Fault, When};
use sea_orm::{ConnectionTrait, Database};
use serde_json::json;

use super::quiescence::assert_quiescent;
use super::stage::{Stage, on_every_store};
use super::store::assert_same;

const LEADS: usize = 450;

/// Reads under faults until a run ends well, changes the CRM, reads under faults again.
async fn survives(faults: &[Fault]) {
    on_every_store(LEADS, async |stage| {
        for _ in 0..2 {
            faults.iter().for_each(|it| stage.crm.suffer(it.clone()));
            let mut left = 10;
            while stage.sync().await.is_err() {
                left -= 1;
                assert!(left > 0, "{faults:?} leave no way through");
            }
            stage.crm.recover();
            assert_quiescent(stage).await;
            change(stage).await;
        }
    })
    .await;
}

/// A day's work in the CRM.
async fn change(stage: &Stage) {
    stage.let_pass(TimeDelta::hours(1));
    let leads = stage.crm.ids("SELECT Id FROM Lead WHERE IsConverted = false ORDER BY Id LIMIT 30").await;
    for lead in &leads[..20] {
        stage.crm.update("Lead", lead, json!({ "Title": "主任" })).await;
    }
    for lead in &leads[20..25] {
        stage.crm.delete("Lead", lead).await;
    }
    stage.crm.admin().purge(&leads[20]).unwrap();
    stage.new_lead().await;
    stage.let_pass(TimeDelta::hours(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_tenth_request_is_refused_or_breaks_off() {
    let sometimes = |seed| When::Chance { probability: 0.1, seed };
    let kinds = [TooManyRequests { retry_after: 0 }, Unavailable, ConnectionReset, TruncatedBody];
    let faults: Vec<Fault> =
        kinds.into_iter().zip(11..).map(|(kind, seed)| Fault::new(kind).when(sometimes(seed))).collect();
    survives(&faults).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_come_twice_and_in_disorder() {
    let twice = Fault::new(DuplicatedPage).when(When::EveryNth(2));
    survives(&[twice, Fault::new(ReorderedRows).when(When::Always)]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_end_again_and_again() {
    survives(&[Fault::new(ExpiredToken).when(When::EveryNth(7))]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_crms_clock_is_ten_minutes_ahead() {
    on_every_store(LEADS, async |stage| {
        stage.crm.admin().advance(Duration::from_secs(600));
        stage.sync().await.unwrap();
        assert_quiescent(stage).await;
        change(stage).await;
        stage.sync().await.unwrap();
        assert_quiescent(stage).await;
    })
    .await;
}

/// Ends all connections of the store but its own, once, behind the first page of leads.
struct Cut {
    url: String,
    is_done: AtomicBool,
}

impl Observer for Cut {
    fn begin(&self, _: RecordKind) {}

    fn page(&self, kind: RecordKind, _: Counts, _: Option<u64>) {
        if kind != RecordKind::Lead || self.is_done.swap(true, Ordering::SeqCst) {
            return;
        }
        let cut = async {
            let admin = Database::connect(&self.url).await.unwrap();
            let others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid()";
            admin.execute_unprepared(others).await.unwrap();
        };
        tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(cut));
    }

    fn end(&self, _: RecordKind, _: Counts) {}
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_ends_all_connections_in_mid_run() {
    on_every_store(LEADS, async |stage| {
        if !stage.store.url.starts_with("postgres") {
            return;
        }
        let cut = Cut { url: stage.store.url.clone(), is_done: AtomicBool::new(false) };
        let first = run::run(&stage.job(&stage.config()), &SyncScope::default(), &cut).await;
        assert!(cut.is_done.load(Ordering::SeqCst), "it was cut: {first:?}");
        stage.let_pass(TimeDelta::minutes(2));
        stage.sync().await.unwrap();
        assert_quiescent(stage).await;
        assert_same(&stage.store, &stage.undisturbed().await).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_are_started_on_the_same_run() {
    on_every_store(LEADS, async |stage| {
        let start = || {
            Command::new(env!("CARGO_BIN_EXE_gateway"))
                .args(["--json", "sync", "run", "--wait", "2m"])
                .envs(super::stage::environment(stage))
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap()
        };
        let (mut one, mut other) = (start(), start());
        assert!(one.wait().unwrap().success() && other.wait().unwrap().success());
        assert_quiescent(stage).await;
        assert_same(&stage.store, &stage.undisturbed().await).await;
    })
    .await;
}
