//! Asking before one registers: one shape for all answers, limits, and what it does not tell.

use chrono::TimeDelta;
use entity::platform::audit_event;
use sea_orm::{ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _};
use serde_json::{Value, json};

use super::{conflict_policy, sample};
use crate::harness::{Answer, Client, on_every_store};

const CHECK: &str = "query Check($input: CheckDealRegistrationInput!) {
    checkDealRegistration(input: $input) { answer message } }";

/// What a registration says, as far as a check asks.
fn asked(mut says: Value) -> Value {
    for field in ["amount", "expectedClose"] {
        says.as_object_mut().unwrap().remove(field);
    }
    says
}

async fn check(client: &Client<'_>, says: Value) -> Answer {
    client.ask_with(CHECK, json!({ "input": asked(says) })).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_tells_what_a_registration_would_come_to_and_reserves_nothing() {
    on_every_store(async |gateway| {
        gateway.given_sample().await;
        let [p1, p2] = [gateway.given_seller("甲").await, gateway.given_seller("乙").await];
        let answer = async |says| {
            let answer = check(&gateway.as_rep_of(&p2), says).await;
            answer.text_at("/checkDealRegistration/answer").to_owned()
        };
        assert_eq!(answer(sample()).await, "CLEAR");
        assert_eq!(answer(sample()).await, "CLEAR", "asking reserves nothing");
        let first = gateway.given_registration(&p1, sample()).await;
        assert_eq!(answer(sample()).await, "BLOCKED");
        let by_name = crate::harness::deal("㈱ サンプル・商事");
        assert_eq!(answer(by_name).await, "NEEDS_REVIEW", "a name is found however it is spelled");
        gateway.step(&gateway.as_rep_of(&p1), "withdrawRegistration", &first).await.data();
        assert_eq!(answer(sample()).await, "CLEAR");
        let count = gateway.as_admin().ask("{ dealRegistrations { totalCount } }").await;
        assert_eq!(count.at("/dealRegistrations/totalCount"), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_minimal_disclosure_existing_customers_are_only_reviewed() {
    on_every_store(async |gateway| {
        let customer = gateway.given_sample().await;
        let [p1, p2] = [gateway.given_seller("甲").await, gateway.given_seller("乙").await];
        let installed = json!({
            "accountId": customer, "partnerId": p2.id, "product": "X", "validFrom": "2025-10-01",
        });
        gateway
            .as_admin()
            .change("recordInstalledProduct", installed, "installedProduct { id }")
            .await
            .data();
        let mut renewal = sample();
        renewal["dealType"] = json!("RENEWAL");
        let answer = check(&gateway.as_rep_of(&p1), renewal.clone()).await;
        assert_eq!(answer.at("/checkDealRegistration/answer"), "BLOCKED");
        let policy = conflict_policy("disclosure = \"FULL\"", "disclosure = \"MINIMAL\"");
        gateway.given_channel_policy("CONFLICT", &policy).await.data();
        let answer = check(&gateway.as_rep_of(&p1), renewal).await;
        assert_eq!(
            answer.at("/checkDealRegistration"),
            &json!({ "answer": "NEEDS_REVIEW", "message": "審査が必要です" })
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_checks_too_often_is_refused_and_noticed() {
    on_every_store(async |gateway| {
        let partner = gateway.given_seller("甲").await;
        let rep = gateway.as_rep_of(&partner);
        for _ in 0..30 {
            check(&rep, sample()).await.data();
        }
        for _ in 0..2 {
            check(&rep, sample()).await.assert_refused("TOO_MANY_CHECKS");
        }
        let probing = audit_event::Entity::find().filter(audit_event::Column::Action.eq("conflicts.probing"));
        let noticed = probing.count(gateway.services.database.read()).await.unwrap();
        assert_eq!(noticed, 1, "said once");
        check(&gateway.as_admin_of(&partner), sample()).await.data();
        gateway.let_pass(TimeDelta::hours(1));
        check(&rep, sample()).await.data();
    })
    .await;
}
