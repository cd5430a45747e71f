//! Whose turn it is: one run at a time, schedules among several processes, runs whose process died.

use chrono::TimeDelta;
use domain::sync::SyncMode;
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
