//! Hearing of the queue as it moves.

use chrono::TimeDelta;
use domain::access::Role;
use gateway::review::service;
use serde_json::json;

use super::given::pair;
use crate::harness::{TestGateway, on_every_store};

const CHANGES: &str = "subscription { reviewTaskChanged { id kind recordKind state } }";

impl TestGateway {
    /// Tells listeners what has just been committed, as a synchronisation does after each page.
    async fn announces(&self) {
        let services = &self.services;
        service::announce(&services.database, &services.cache, services.clock.now()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_hear_of_a_task_when_it_is_asked_and_claimed() {
    on_every_store(async |gateway| {
        let steward = gateway.as_staff(Role::DataSteward, "mori");
        let mut stream = steward.listen(CHANGES).await;
        gateway.let_pass(TimeDelta::minutes(1));
        gateway.hears_at_once(pair(0)).await;
        gateway.announces().await;
        let task = gateway.only_task().await;
        let change = |state: &str| {
            let change = json!({ "id": task, "kind": "MATCH", "recordKind": "LEAD", "state": state });
            json!({ "reviewTaskChanged": change })
        };
        assert_eq!(stream.next().await.data(), change("OPEN"));
        gateway.announces().await;
        gateway.let_pass(TimeDelta::minutes(1));
        let input = json!({ "taskId": task });
        steward.change("claimReviewTask", input, "task { id }").await.data();
        assert_eq!(stream.next().await.data(), change("CLAIMED"), "and nothing is told twice");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_was_asked_for_is_told() {
    on_every_store(async |gateway| {
        let steward = gateway.as_staff(Role::DataSteward, "mori");
        let accounts = "subscription { reviewTaskChanged(filter: { recordKind: ACCOUNT }) { recordKind } }";
        let mut stream = steward.listen(accounts).await;
        gateway.let_pass(TimeDelta::minutes(1));
        gateway.hears_at_once(pair(0)).await;
        use domain::fields::account;
        let said = |id: &str| {
            crate::harness::Said::account(id, "株式会社極洋").with(account::website, "kyokuyo.example")
        };
        gateway.hears_at_once([said("0010"), said("0011")]).await;
        gateway.announces().await;
        let expected = json!({ "reviewTaskChanged": { "recordKind": "ACCOUNT" } });
        assert_eq!(stream.next().await.data(), expected);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_hears_nothing() {
    on_every_store(async |gateway| {
        let (own, rival) = (gateway.given_partner("甲").await, gateway.given_partner("乙").await);
        for client in [gateway.as_admin_of(&own), gateway.as_rep_of(&rival)] {
            let mut stream = client.listen(CHANGES).await;
            assert_eq!(stream.next().await.codes(), ["FORBIDDEN"]);
            assert!(stream.is_complete().await);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ends_with_its_token() {
    on_every_store(async |gateway| {
        let steward = gateway.as_staff(Role::DataSteward, "mori");
        let mut stream = steward.listen(CHANGES).await;
        gateway.let_pass(TimeDelta::hours(2));
        gateway.hears_at_once(pair(0)).await;
        gateway.announces().await;
        assert_eq!(stream.next().await.codes(), ["TOKEN_EXPIRED"]);
        assert!(stream.is_complete().await);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_may_be_asked_as_a_stream_and_a_subscription_may_not_be_asked_otherwise() {
    on_every_store(async |gateway| {
        let steward = gateway.as_staff(Role::DataSteward, "mori");
        let mut stream = steward.listen("{ leads { totalCount } }").await;
        assert_eq!(stream.next().await.data(), json!({ "leads": { "totalCount": 0 } }));
        assert!(stream.is_complete().await);
        steward.ask(CHANGES).await.assert_refused("SUBSCRIPTION_NEEDS_STREAM");
        let mut wrong = steward.listen("subscription { nothing }").await;
        assert_eq!(wrong.next().await.codes(), ["INVALID_DOCUMENT"]);
        assert!(wrong.is_complete().await);
    })
    .await;
}
