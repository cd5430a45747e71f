//! Whose turn it is: one run at a time, schedules among several processes, runs whose process died.

use chrono::TimeDelta;
use domain::sync::{SyncMode, SyncRunState};
use gateway::platform::config::Config;
use gateway::platform::config::sources::ScheduledRun;
use gateway::sync::run::{self, SyncFailure, SyncScope, Unobserved};
use gateway::sync::schedule;

use super::stage::{Stage, on_every_store};

const LEADS: usize = 200;

/// The lines of a schedule, as the configuration has them.
fn lines(text: &str) -> Vec<ScheduledRun> {
    let source = format!(
        "[sources.crm]\nkind = 'salesforce'\nlogin_url = 'x'\nclient_id = 'x'\nclient_secret = 'x'\nschedule = {text}"
    );
    let config = Config::read(&source, std::path::Path::new("gateway.toml"), Default::default()).unwrap();
    config.sources["crm"].schedule.clone()
}

async fn modes(stage: &Stage) -> Vec<SyncMode> {
    stage.store.runs().await.iter().map(|it| it.mode).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_due_runs_once_among_all_processes() {
    on_every_store(LEADS, async |stage| {
        let lines = lines("[{ cron = '0 3 * * *', mode = 'incremental', kinds = ['account'] }]");
        let jobs = [stage.job(&stage.config()), stage.job(&stage.config())];
        schedule::run_due(&jobs[0], &lines).await.unwrap();
        assert_eq!(modes(stage).await, [], "a new line begins with its next time");
        stage.let_pass(TimeDelta::days(1));
        let (one, other) =
            tokio::join!(schedule::run_due(&jobs[0], &lines), schedule::run_due(&jobs[1], &lines));
        one.and(other).unwrap();
        assert_eq!(modes(stage).await, [SyncMode::Incremental]);
        // Nobody serves for three days: what was missed is made up for once.
        stage.let_pass(TimeDelta::days(3));
        for job in &jobs {
            schedule::run_due(job, &lines).await.unwrap();
        }
        assert_eq!(modes(stage).await, [SyncMode::Incremental; 2]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_due_and_failed_is_tried_again_before_the_next_time() {
    on_every_store(LEADS, async |stage| {
        let lines = lines("[{ cron = '0 3 * * 0', mode = 'reconcile', kinds = ['account'] }]");
        let job = stage.job(&stage.config());
        schedule::run_due(&job, &lines).await.unwrap();
        stage.let_pass(TimeDelta::days(7));
        stage.crm.suffer(sandbox::Fault::new(sandbox::FaultKind::Unavailable).when(sandbox::When::Always));
        schedule::run_due(&job, &lines).await.unwrap_err();
        stage.crm.recover();
        schedule::run_due(&job, &lines).await.unwrap();
        assert_eq!(modes(stage).await.len(), 1, "not at once");
        stage.let_pass(TimeDelta::minutes(2));
        schedule::run_due(&stage.job(&stage.config()), &lines).await.unwrap();
        stage.let_pass(TimeDelta::hours(1));
        schedule::run_due(&job, &lines).await.unwrap();
        let states: Vec<_> = stage.store.runs().await.iter().map(|it| it.state).collect();
        assert_eq!(states, [SyncRunState::Succeeded, SyncRunState::Failed], "and not once it has succeeded");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_that_is_hidden_from_us_keeps_nobody_from_the_others() {
    on_every_store(LEADS, async |stage| {
        let mapping = "[account]\nobject = \"Account\"\nfields = { name = { field = \"Name\", required = true } }\n\
            [lead]\nobject = \"Lead\"\nfields = { company = \"Company\", last_name = \"LastName\" }";
        let mapping = std::sync::Arc::new(connectors::mapping::Mapping::parse(mapping).unwrap());
        let config = connectors::salesforce::Config { mapping, ..stage.config() };
        stage.crm.admin().hide_field("Account", "Name").unwrap();
        let failure = stage.sync_as(&config, SyncScope::default()).await.unwrap_err();
        assert!(failure.to_string().contains("account.name"), "{failure}");
        let read: Vec<_> = stage.store.watermarks().await.into_iter().map(|it| it.object).collect();
        assert_eq!(read, ["Lead"]);
        assert_eq!(stage.store.runs().await[0].state, SyncRunState::Failed);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_whose_process_died_keeps_others_out_for_a_minute() {
    on_every_store(LEADS, async |stage| {
        let job = stage.job(&stage.config());
        let slow = sandbox::FaultKind::Latency { millis: 30_000 };
        let slow = sandbox::Fault::new(slow).on("/services/data/*/query").when(sandbox::When::Always);
        stage.crm.suffer(slow);
        let dying = tokio::spawn(async move { run::run(&job, &SyncScope::default(), &Unobserved).await });
        while stage.store.pages().await == 0 {
            tokio::task::yield_now().await;
        }
        dying.abort();
        let _ = dying.await;
        stage.crm.recover();
        assert!(matches!(stage.sync().await, Err(SyncFailure::Held(_))));
        stage.let_pass(TimeDelta::seconds(61));
        stage.sync().await.unwrap();
    })
    .await;
}
