//! Being let in: tokens that rotate, a source that refuses us, what is left of the allowance, and sources nobody ranked.

use std::sync::Arc;

use chrono::TimeDelta;
use connectors::salesforce::{Config, Credentials};
use connectors::{SourceConfig, Span};
use domain::fields::RecordKind;
use domain::review::{ReviewKind, ReviewState};
use entity::review::review_task;
use entity::sync::source_token;
use futures::future::join_all;
use gateway::sync::run::SyncScope;
use gateway::sync::token::StoredToken;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::stage::{Stage, environment, on_every_store};

const LEADS: usize = 200;

/// Settings with a refresh token, as a web login leaves it.
fn config(stage: &Stage, token: &str) -> Config {
    let keeper = StoredToken {
        database: Some(stage.store.database.clone()),
        clock: stage.clock.clone(),
        system: "CRM".parse().unwrap(),
        first: token.into(),
        key: "a key of sixteen or more".into(),
        holder: stage.clock.new_id(),
    };
    let client_id = sandbox::DEMO_CLIENT_ID.to_owned();
    let client_secret = Some(sandbox::DEMO_CLIENT_SECRET.to_owned().into());
    let credentials = Credentials::RefreshToken { client_id, client_secret, keeper: Arc::new(keeper) };
    Config { credentials, ..stage.config() }
}

async fn task(stage: &Stage) -> Option<ReviewState> {
    let tasks = review_task::Entity::find().filter(review_task::Column::Kind.eq(ReviewKind::SourceAccess));
    tasks.one(stage.store.database.read()).await.unwrap().map(|it| it.state)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_rotates_is_stored_before_it_is_used() {
    on_every_store(LEADS, async |stage| {
        stage.crm.admin().rotate_refresh_tokens(true);
        let first = stage.crm.admin().refresh_token();
        // Each is a process of its own: it has nothing but the configuration and the store.
        for _ in 0..3 {
            stage.sync_as(&config(stage, &first), SyncScope::default()).await.unwrap();
            stage.let_pass(TimeDelta::hours(1));
        }
        let stored = source_token::Entity::find().one(stage.store.database.read()).await.unwrap().unwrap();
        assert!(!stored.token.contains(&first));
        let another = stage.crm.admin().refresh_token();
        stage.sync_as(&config(stage, &another), SyncScope::default()).await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_rotates_is_used_by_one_process_at_a_time() {
    on_every_store(LEADS, async |stage| {
        stage.crm.admin().rotate_refresh_tokens(true);
        let first = stage.crm.admin().refresh_token();
        let replicas: Vec<_> = (0..6).map(|_| config(stage, &first)).collect();
        for _ in 0..3 {
            let asked = replicas.iter().map(async |it| {
                let source = SourceConfig::Salesforce(Box::new(it.clone()));
                connectors::connect(source).unwrap().count(RecordKind::Lead, &Span::default()).await
            });
            for count in join_all(asked).await {
                assert!(count.is_ok(), "the grant lives: {count:?}");
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_refuses_us_is_a_task_until_it_lets_us_in() {
    on_every_store(LEADS, async |stage| {
        stage.sync().await.unwrap();
        for _ in 0..2 {
            assert_ne!(task(stage).await, Some(ReviewState::Open));
            stage
                .sync_as(&config(stage, "a token that was revoked"), SyncScope::default())
                .await
                .unwrap_err();
            assert_eq!(task(stage).await, Some(ReviewState::Open));
            stage.sync().await.unwrap();
            assert_eq!(task(stage).await, Some(ReviewState::Superseded));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_asks_what_is_left_before_it_spends_anything() {
    on_every_store(LEADS, async |stage| {
        let (_, allowed) = stage.crm.admin().api_usage();
        stage.crm.admin().set_api_used(allowed);
        stage.crm.admin().reset_requests();
        stage.sync().await.unwrap_err();
        let asked: Vec<_> =
            stage.crm.admin().requests().into_keys().filter(|it| !it.contains("token")).collect();
        assert_eq!(asked, ["GET limits"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_without_a_rank_is_not_read() {
    on_every_store(LEADS, async |stage| {
        for command in [["sync", "run"], ["config", "check"]] {
            let output = std::process::Command::new(env!("CARGO_BIN_EXE_gateway"))
                .args(command)
                .envs(environment(stage))
                .env("GATEWAY__SOURCES__CRM__SYSTEM", "ERP")
                .output()
                .unwrap();
            let told = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
            assert!(!output.status.success() && told.contains("no rank for ERP"), "{command:?}: {told}");
        }
        assert!(stage.store.runs().await.is_empty());
    })
    .await;
}
