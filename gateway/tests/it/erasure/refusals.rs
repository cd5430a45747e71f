//! Who may not erase, and what is no person.

use super::*;
use crate::harness::on_every_store;

#[tokio::test(flavor = "multi_thread")]
async fn only_administrators_erase() {
    on_every_store(async |gateway| {
        let lead = gateway.given(minai()).await;
        let partner = gateway.given_partner("極洋販売").await;
        gateway.given_assignment(&lead, &partner).await;
        let input = json!({ "recordId": lead, "reason": "請求" });
        for client in [
            gateway.steward(),
            gateway.as_channel_manager("manager"),
            gateway.as_staff(Role::IntegrationJob, "job"),
            gateway.as_admin_of(&partner),
            gateway.as_rep_of(&partner),
        ] {
            client.change("eraseRecord", input.clone(), PAYLOAD).await.assert_refused("FORBIDDEN");
        }
        assert_eq!(gateway.lead(&lead, "lastName").await["lastName"], "薬袋");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn companies_deals_and_strangers_are_refused() {
    on_every_store(async |gateway| {
        let account = gateway.given(Said::account("0010", "株式会社極洋")).await;
        let deal = gateway.given(Said::opportunity("0060", "案件")).await;
        for id in [&account, &deal] {
            gateway.erases(id).await.assert_refused("NOT_A_PERSON");
        }
        let nobody = RecordKind::Lead;
        let id = gateway::golden::loader::RecordRef { kind: nobody, id: gateway.services.clock.new_id() };
        gateway.erases(&id.global_id()).await.assert_refused("NOT_FOUND");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retried_request_gets_the_same_answer_and_does_nothing_twice() {
    on_every_store(async |gateway| {
        let lead = gateway.given(minai()).await;
        let input = json!({ "recordId": lead, "reason": "請求", "idempotencyKey": "k1" });
        let erase = async || {
            let answer = gateway.as_admin().change("eraseRecord", input.clone(), PAYLOAD).await;
            answer.at("/eraseRecord/erasedRecords").clone()
        };
        assert_eq!([erase().await, erase().await], [json!(1), json!(1)]);
        let other = json!({ "recordId": lead, "reason": "別の請求", "idempotencyKey": "k1" });
        let reused = gateway.as_admin().change("eraseRecord", other, PAYLOAD).await;
        reused.assert_refused("IDEMPOTENCY_KEY_REUSED");
    })
    .await;
}
