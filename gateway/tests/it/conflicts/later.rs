//! Conflicts that tiers, other rules and won deals bring.

use chrono::TimeDelta;
use domain::fields::opportunity;
use serde_json::{Value, json};

use super::{CHECKS, conflict_policy, sample};
use crate::harness::{GivenPartner, Said, TestGateway, on_every_store};
use crate::programs::PROGRAM;

async fn given_tier(gateway: &TestGateway, partner: &GivenPartner, tier: &str) {
    let input = json!({ "partnerId": partner.id, "tier": tier, "reason": "移行前のランク" });
    gateway.as_admin().change("assignTier", input, "partner { id }").await.data();
}

fn tie_window(minutes: u32) -> String {
    conflict_policy("tie_window_minutes = 0", &format!("tie_window_minutes = {minutes}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn example_6_within_the_tie_window_the_better_tier_goes_first() {
    on_every_store(async |gateway| {
        gateway.given_sample().await;
        gateway.given_program(PROGRAM).await;
        gateway.given_channel_policy("CONFLICT", &tie_window(15)).await.data();
        let mut claims = Vec::new();
        for (name, tier, wait) in [("乙", "SILVER", 8), ("甲", "GOLD", 12), ("丙", "GOLD", 0)] {
            let partner = gateway.given_seller(name).await;
            given_tier(gateway, &partner, tier).await;
            let id = gateway.given_registration(&partner, sample()).await;
            claims.push((partner, id));
            gateway.let_pass(TimeDelta::minutes(wait));
        }
        let expected = [
            ["LOST", "ALREADY_REGISTERED", "TIER_PRIORITY"],
            ["UPHELD", "", "TIER_PRIORITY"],
            ["LOST", "ALREADY_REGISTERED", "FIRST_REGISTERED"],
        ];
        for ((partner, id), expected) in claims.iter().zip(expected) {
            gateway.assert_standing(partner, id, expected).await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_rules_are_asked_about_conflicts_that_are_not_settled() {
    on_every_store(async |gateway| {
        gateway.given_sample().await;
        gateway.given_channel_policy("CONFLICT", &tie_window(15)).await.data();
        let [p1, p2] = [gateway.given_seller("甲").await, gateway.given_seller("乙").await];
        let first = gateway.given_registration(&p1, sample()).await;
        gateway.let_pass(TimeDelta::minutes(8));
        let second = gateway.given_registration(&p2, sample()).await;
        gateway.assert_standing(&p2, &second, ["MANUAL", "", "MANUAL"]).await;
        gateway.given_channel_policy("CONFLICT", &tie_window(5)).await.data();
        gateway.let_job_run(CHECKS).await;
        gateway.assert_standing(&p1, &first, ["UPHELD", "", "FIRST_REGISTERED"]).await;
        gateway.assert_standing(&p2, &second, ["LOST", "ALREADY_REGISTERED", "FIRST_REGISTERED"]).await;
        let occasion = gateway.of_registration(&second, "verdict { occasion }").await;
        assert_eq!(occasion["verdict"]["occasion"], "POLICY_CHANGED");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_won_deal_that_two_partners_claim_waits_for_a_person() {
    on_every_store(async |gateway| {
        gateway.given_sample().await;
        let [p1, p2] = [gateway.given_seller("甲").await, gateway.given_seller("乙").await];
        let won = Said::opportunity("0061", "商談").with(opportunity::is_closed, "false");
        let golden = gateway.given(won.clone()).await;
        let mut claims = Vec::new();
        for partner in [&p1, &p2] {
            let id = gateway.given_registration(partner, sample()).await;
            gateway.step_because(&gateway.as_admin(), "approveRegistration", &id).await.data();
            let link = json!({ "registrationId": id, "opportunityId": golden });
            gateway.as_admin().change("linkRegistration", link, "dealRegistration { id }").await.data();
            claims.push(id);
        }
        let won = won.with(opportunity::is_closed, "true").with(opportunity::is_won, "true");
        gateway.hears([won.at("2026-06-01T00:00:01Z")]).await;
        gateway.let_job_run("registrations.due").await;
        gateway.let_job_run(CHECKS).await;
        for id in &claims {
            assert_eq!(gateway.of_registration(id, "status").await["status"], "WON");
        }
        let conflict = gateway.conflict_of(&claims[1]).await;
        assert!(conflict["types"].as_array().unwrap().contains(&Value::from("ATTRIBUTION")), "{conflict}");
        assert!(["UNDER_REVIEW", "REOPENED"].contains(&conflict["status"].as_str().unwrap()), "{conflict}");
        assert_eq!(conflict["parties"].as_array().unwrap().len(), 2, "{conflict}");
    })
    .await;
}
