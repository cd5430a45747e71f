//! Taking tasks, keeping them, giving them back.

use std::time::Duration;

use chrono::TimeDelta;
use domain::access::Role;
use gateway::golden::service;
use serde_json::json;

use crate::harness::{Answer, Client, TestGateway, on_every_store};

const STANDING: &str = "task { state claimedBy claimedUntil }";

fn steward<'a>(gateway: &'a TestGateway, name: &str) -> Client<'a> {
    gateway.as_staff(Role::DataSteward, name)
}

async fn with(client: &Client<'_>, mutation: &str, task: &str) -> Answer {
    client.change(mutation, json!({ "taskId": task }), STANDING).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_keeps_others_away_for_half_an_hour() {
    on_every_store(async |gateway| {
        let task = gateway.given_pair().await;
        let (mori, abe) = (steward(gateway, "mori"), steward(gateway, "abe"));
        let claimed = with(&mori, "claimReviewTask", &task).await;
        let expected =
            json!({ "state": "CLAIMED", "claimedBy": "mori", "claimedUntil": "2026-06-01T00:30:00+00:00" });
        assert_eq!(claimed.at("/claimReviewTask/task"), &expected);
        gateway.let_pass(TimeDelta::minutes(29));
        let refused = with(&abe, "claimReviewTask", &task).await;
        refused.assert_refused("REVIEW_TASK_HELD");
        assert!(refused.message().contains("until 2026-06-01 00:30:00 UTC"), "{}", refused.message());
        with(&abe, "releaseReviewTask", &task).await.assert_refused("REVIEW_TASK_HELD");
        gateway.let_pass(TimeDelta::minutes(1));
        let open = abe.ask("{ reviewTasks(filter: { state: [OPEN] }) { nodes { state claimedBy } } }").await;
        assert_eq!(open.at("/reviewTasks/nodes"), &json!([{ "state": "OPEN", "claimedBy": null }]));
        assert_eq!(with(&abe, "claimReviewTask", &task).await.at("/claimReviewTask/task/claimedBy"), "abe");
        with(&mori, "renewReviewClaim", &task).await.assert_refused("REVIEW_TASK_HELD");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_is_renewed_and_given_back_by_its_holder() {
    on_every_store(async |gateway| {
        let task = gateway.given_pair().await;
        let mori = steward(gateway, "mori");
        with(&mori, "renewReviewClaim", &task).await.assert_refused("REVIEW_TASK_NOT_HELD");
        with(&mori, "claimReviewTask", &task).await.data();
        gateway.let_pass(TimeDelta::minutes(20));
        let renewed = with(&mori, "renewReviewClaim", &task).await;
        assert_eq!(renewed.at("/renewReviewClaim/task/claimedUntil"), "2026-06-01T00:50:00+00:00");
        let mine = mori.ask("{ myClaims { nodes { id } } }").await;
        assert_eq!(mine.at("/myClaims/nodes"), &json!([{ "id": task }]));
        let released = with(&mori, "releaseReviewTask", &task).await;
        let expected = json!({ "state": "OPEN", "claimedBy": null, "claimedUntil": null });
        assert_eq!(released.at("/releaseReviewTask/task"), &expected);
        let history = mori.ask("{ reviewTasks { nodes { history { action by } } } }").await;
        let of_mori = |action: &str| json!({ "action": action, "by": "mori" });
        let expected = ["CLAIMED", "RENEWED", "RELEASED"].map(of_mori);
        assert_eq!(history.at("/reviewTasks/nodes/0/history"), &json!(expected));
        assert_eq!(mori.ask("{ myClaims { totalCount } }").await.at("/myClaims/totalCount"), 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_that_ran_out_is_nobodys() {
    on_every_store(async |gateway| {
        let task = gateway.given_pair().await;
        let mori = steward(gateway, "mori");
        with(&mori, "claimReviewTask", &task).await.data();
        gateway.let_pass(TimeDelta::minutes(30));
        with(&mori, "renewReviewClaim", &task).await.assert_refused("REVIEW_TASK_NOT_HELD");
        with(&mori, "claimReviewTask", &task).await.data();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_claim_at_once_one_holds_the_task() {
    on_every_store(async |gateway| {
        let task = gateway.given_pair().await;
        let (mori, abe) = (steward(gateway, "mori"), steward(gateway, "abe"));
        let (one, other) =
            tokio::join!(with(&mori, "claimReviewTask", &task), with(&abe, "claimReviewTask", &task));
        let mut codes = [one.codes(), other.codes()];
        codes.sort();
        assert_eq!(codes, [vec![], vec!["REVIEW_TASK_HELD"]]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_waits_for_whoever_asks_the_question_again() {
    on_every_store(async |gateway| {
        let task = gateway.given_pair().await;
        let mori = steward(gateway, "mori");
        // A page of a sync has its turn: it reads the task, and writes it back with what it has learnt.
        let page = gateway.services.database.begin_write().await.unwrap();
        service::wait_for_turn(&page).await.unwrap();
        let mut claim = std::pin::pin!(with(&mori, "claimReviewTask", &task));
        let is_early = tokio::time::timeout(Duration::from_millis(300), &mut claim).await.is_ok();
        page.commit().await.unwrap();
        assert!(!is_early, "the page would take the claim back");
        assert_eq!(claim.await.at("/claimReviewTask/task/state"), "CLAIMED");
    })
    .await;
}
