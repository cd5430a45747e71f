//! What cannot be taken in or reached: one record, a source that does not know us, one that is not there.

use chrono::TimeDelta;
use connectors::ConnectorError;
use connectors::salesforce::{Config, Credentials};
use domain::sync::{SyncErrorCategory, SyncRunState};
use entity::sync::sync_error;
use gateway::sync::run::{SyncFailure, SyncScope};
use sea_orm::EntityTrait;
use serde_json::json;

use super::stage::on_every_store;
use super::store::assert_holds;

const LEADS: usize = 250;

#[tokio::test(flavor = "multi_thread")]
async fn one_bad_record_fails_alone_and_once_until_it_is_mended() {
    on_every_store(LEADS, async |stage| {
        let deal = stage.crm.any("Opportunity").await;
        stage.crm.update("Opportunity", &deal, json!({ "Amount": 1000.5, "CurrencyIsoCode": "JPY" })).await;
        let counts = stage.sync().await.unwrap();
        assert_eq!((counts.failed, counts.changed), (1, counts.read - 1));
        let errors = stage.store.open_errors().await;
        let [error] = &errors[..] else { panic!("{errors:?}") };
        assert_eq!((error.external_id.as_str(), error.category), (&*deal, SyncErrorCategory::Validation));
        assert!(error.message.contains("an amount in JPY has at most 0 decimals"), "{}", error.message);

        stage.let_pass(TimeDelta::hours(1));
        stage.sync().await.unwrap();
        let again = stage.store.open_errors().await;
        assert_eq!((again.len(), again[0].id), (1, error.id), "it is logged once");
        assert_eq!(again[0].next_attempt_at, None, "nobody but a person can mend it");

        stage.crm.update("Opportunity", &deal, json!({ "Amount": 1000 })).await;
        stage.let_pass(TimeDelta::hours(1));
        assert_eq!(stage.sync().await.unwrap().failed, 0);
        assert_eq!(stage.store.open_errors().await, []);
        let all = sync_error::Entity::find().all(stage.store.database.read()).await.unwrap();
        assert_eq!(all.len(), 1, "what happened stays on record");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_the_mapping_does_not_know_is_logged_and_its_record_kept() {
    on_every_store(LEADS, async |stage| {
        let lead = stage.new_lead().await;
        stage.crm.update("Lead", &lead, json!({ "Status": "Nurturing" })).await;
        assert_eq!(stage.sync().await.unwrap().failed, 0);
        let errors = stage.store.open_errors().await;
        let [error] = &errors[..] else { panic!("{errors:?}") };
        assert_eq!((error.external_id.as_str(), error.category), (&*lead, SyncErrorCategory::Schema));
        assert_eq!(stage.store.lead(&lead).await.stage, None);
    })
    .await;
}

/// Asserts that a run with these settings fails so, says so, and changes nothing.
async fn refused(settings: impl Fn(Config) -> Config, is_expected: impl Fn(&ConnectorError) -> bool) {
    on_every_store(LEADS, async |stage| {
        stage.sync().await.unwrap();
        let (held, marks) = (stage.store.holds().await, stage.store.watermarks().await);
        stage.let_pass(TimeDelta::hours(1));
        let error = stage.sync_as(&settings(stage.config()), SyncScope::default()).await.unwrap_err();
        assert!(matches!(&error, SyncFailure::Source(it) if is_expected(it)), "{error:?}");
        let runs = stage.store.runs().await;
        assert_eq!((runs[0].state, runs[0].message.clone()), (SyncRunState::Failed, Some(error.to_string())));
        assert_eq!(stage.store.watermarks().await, marks);
        assert_holds(&stage.store, &held).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_credentials_fail_the_run_and_change_nothing() {
    let wrong = |config: Config| {
        let client_id = sandbox::DEMO_CLIENT_ID.to_owned();
        let client_secret = "a-wrong-secret".to_owned().into();
        Config { credentials: Credentials::ClientCredentials { client_id, client_secret }, ..config }
    };
    refused(wrong, |it| matches!(it, ConnectorError::CredentialsRefused { .. })).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_is_not_there_fails_the_run_and_changes_nothing() {
    // Bound and let go: nobody listens there.
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let elsewhere = |config: Config| Config { login_url: format!("http://{nobody}"), ..config };
    refused(elsewhere, |it| matches!(it, ConnectorError::Unreachable { .. })).await;
}
