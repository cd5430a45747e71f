//! The worked examples of the domain model, section 6, through the API.

use chrono::TimeDelta;
use domain::access::Role;
use domain::fields::{account, opportunity};
use serde_json::{Value, json};

use super::{CHECKS, conflict_policy, sample, sample_with};
use crate::harness::{Said, deal, on_every_store};

#[tokio::test(flavor = "multi_thread")]
async fn example_1_the_first_registration_goes_first() {
    on_every_store(async |gateway| {
        gateway.given_sample().await;
        let [p1, p2] = [gateway.given_seller("甲").await, gateway.given_seller("乙").await];
        let first = gateway.given_registration(&p1, sample()).await;
        gateway.assert_standing(&p1, &first, ["CLEAR", "", ""]).await;
        gateway.let_pass(TimeDelta::minutes(330));
        let second = gateway.given_registration(&p2, sample()).await;
        gateway.assert_standing(&p1, &first, ["UPHELD", "", "FIRST_REGISTERED"]).await;
        gateway.assert_standing(&p2, &second, ["LOST", "ALREADY_REGISTERED", "FIRST_REGISTERED"]).await;
        let conflict = gateway.conflict_of(&second).await;
        assert_eq!(conflict["types"], json!(["DUPLICATE_REGISTRATION"]));
        assert_eq!(conflict["status"], "AUTO_RESOLVED");
        assert_eq!(gateway.conflict_of(&first).await["id"], conflict["id"], "one conflict for both");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn example_2_a_late_resubmission_loses_its_place() {
    on_every_store(async |gateway| {
        for (answered, findings) in
            [(TimeDelta::days(7), ["UPHELD", "LOST"]), (TimeDelta::days(9), ["LOST", "UPHELD"])]
        {
            let number = if findings[0] == "LOST" { "4011001098993" } else { "7123456789012" };
            let said = Said::account(number, "株式会社客先").with(account::corporate_number, number);
            gateway.given(said).await;
            let says = || sample_with("corporateNumber", json!(number));
            let [p1, p2] = [gateway.given_seller("甲").await, gateway.given_seller("乙").await];
            let first = gateway.given_registration(&p1, says()).await;
            gateway.let_pass(TimeDelta::hours(5));
            let second = gateway.given_registration(&p2, says()).await;
            gateway.step_because(&gateway.as_admin(), "returnRegistration", &first).await.data();
            gateway.let_pass(answered);
            gateway.step(&gateway.as_rep_of(&p1), "submitRegistration", &first).await.data();
            gateway.let_job_run(CHECKS).await;
            assert_eq!(gateway.standing(&p1, &first).await["finding"], findings[0]);
            assert_eq!(gateway.standing(&p2, &second).await["finding"], findings[1]);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn example_3_an_exclusive_holder_goes_first_where_its_territory_is() {
    on_every_store(async |gateway| {
        gateway.given_sample().await;
        let [p1, p3] = [gateway.given_seller("甲").await, gateway.given_partner("丙").await];
        gateway.given_contract(&p3, json!({})).await;
        let exclusive =
            json!({ "prefectures": ["JP-27"], "industries": ["E"], "products": ["X"], "isExclusive": true });
        gateway.given_territory(&p3, exclusive).await;
        let in_osaka = || sample_with("sitePrefecture", json!("JP-27"));
        let outside = gateway.given_registration(&p1, in_osaka()).await;
        let within = gateway.given_registration(&p3, in_osaka()).await;
        gateway.assert_standing(&p3, &within, ["UPHELD", "", "TERRITORY"]).await;
        gateway.assert_standing(&p1, &outside, ["LOST", "OUTSIDE_TERRITORY", "TERRITORY"]).await;
        for (partner, id) in [(&p1, &outside), (&p3, &within)] {
            gateway.step(&gateway.as_rep_of(partner), "withdrawRegistration", id).await.data();
        }
        let first = gateway.given_registration(&p1, sample()).await;
        let at_head_office = gateway.given_registration(&p3, sample()).await;
        gateway.assert_standing(&p1, &first, ["UPHELD", "", "TERRITORY"]).await;
        gateway.assert_standing(&p3, &at_head_office, ["LOST", "OUTSIDE_TERRITORY", "TERRITORY"]).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn example_4_a_renewal_stays_with_the_incumbent() {
    on_every_store(async |gateway| {
        let customer = gateway.given_sample().await;
        let [p1, p2] = [gateway.given_seller("甲").await, gateway.given_seller("乙").await];
        let installed = json!({
            "accountId": customer, "partnerId": p2.id, "product": "X",
            "validFrom": "2025-10-01", "validUntil": "2026-10-01",
        });
        gateway
            .as_admin()
            .change("recordInstalledProduct", installed, "installedProduct { id }")
            .await
            .data();
        let renewal = gateway.given_registration(&p1, sample_with("dealType", json!("RENEWAL"))).await;
        gateway.assert_standing(&p1, &renewal, ["LOST", "EXISTING_CUSTOMER", "INCUMBENT"]).await;
        let other = gateway.given_registration(&p1, sample_with("products", json!(["Y"]))).await;
        gateway.assert_standing(&p1, &other, ["CLEAR", "", ""]).await;
    })
    .await;
}

/// An opportunity of direct sales with the customer that everybody wants, made on the first day.
fn direct(stage: &str) -> Said {
    let said = Said::opportunity("0061", "直販案件").with(opportunity::account, "A1");
    said.with(opportunity::is_closed, "false").with(opportunity::stage, stage)
}

#[tokio::test(flavor = "multi_thread")]
async fn example_5_direct_sales_goes_first_unless_it_was_idle() {
    on_every_store(async |gateway| {
        gateway.given_sample().await;
        gateway.hears([direct("Prospecting")]).await;
        let [p1, p2] = [gateway.given_seller("甲").await, gateway.given_seller("乙").await];
        gateway.let_pass(TimeDelta::days(42));
        let idle = gateway.given_registration(&p1, sample()).await;
        gateway.assert_standing(&p1, &idle, ["UPHELD", "", ""]).await;
        gateway.step(&gateway.as_rep_of(&p1), "withdrawRegistration", &idle).await.data();
        gateway.hears([direct("Negotiation").at("2026-07-10T00:00:00Z")]).await;
        let engaged = gateway.given_registration(&p2, sample()).await;
        gateway.assert_standing(&p2, &engaged, ["LOST", "DIRECT_ENGAGED", "DIRECT_ENGAGEMENT"]).await;
        assert_eq!(gateway.conflict_of(&engaged).await["types"], json!(["PARTNER_VS_DIRECT"]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn example_6_the_tie_window_is_anchored_at_the_earliest() {
    on_every_store(async |gateway| {
        gateway.given_sample().await;
        let policy = conflict_policy("tie_window_minutes = 0", "tie_window_minutes = 15");
        let activated = gateway.given_channel_policy("CONFLICT", &policy).await;
        assert_eq!(activated.at("/activatePolicy/policyVersion/state"), "ACTIVE");
        let names = ["乙", "甲", "丙"];
        let mut claims = Vec::new();
        for (name, wait) in names.into_iter().zip([8, 12, 0]) {
            let partner = gateway.given_seller(name).await;
            let id = gateway.given_registration(&partner, sample()).await;
            claims.push((partner, id));
            gateway.let_pass(TimeDelta::minutes(wait));
        }
        // Without tiers the two of the tie window are equal, and a person decides.
        let question = "verdict { outcome trace { rule removed { claim { id } code } } }";
        let verdict = gateway.of_registration(&claims[2].1, question).await["verdict"].clone();
        assert_eq!(verdict["outcome"], "MANUAL", "{verdict}");
        let first = verdict["trace"].as_array().unwrap().iter().find(|it| it["rule"] == "FIRST_REGISTERED");
        assert_eq!(first.unwrap()["removed"].as_array().unwrap().len(), 1, "{verdict}");
        gateway.assert_standing(&claims[2].0, &claims[2].1, ["MANUAL", "", "MANUAL"]).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn example_7_a_distributor_and_its_reseller_share_one_protection() {
    on_every_store(async |gateway| {
        gateway.given_sample().await;
        let [distributor, reseller] = [gateway.given_seller("卸").await, gateway.given_seller("店").await];
        let version = gateway.as_admin().ask(&format!("{{ partner(id: \"{}\") {{ version }} }}", reseller.id)).await;
        let below = json!({ "id": reseller.id, "version": version.at("/partner/version"), "parentId": distributor.id });
        gateway.as_admin().change("updatePartner", below, "partner { id }").await.data();
        let one = gateway.given_registration(&distributor, sample()).await;
        let other = gateway.given_registration(&reseller, sample()).await;
        gateway.assert_standing(&distributor, &one, ["SHARED", "", ""]).await;
        gateway.assert_standing(&reseller, &other, ["SHARED", "", ""]).await;
        let conflict = gateway.conflict_of(&other).await;
        assert_eq!((&conflict["types"], &conflict["outcome"]), (&json!(["MULTI_TIER"]), &json!("COEXIST")));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn example_8_a_name_alone_is_for_a_person_not_a_rejection() {
    on_every_store(async |gateway| {
        gateway.given_sample().await;
        let [p1, p2] = [gateway.given_seller("甲").await, gateway.given_seller("乙").await];
        gateway.given_registration(&p1, sample()).await;
        let doubtful = gateway.given_registration(&p2, deal("㈱サンプル商事")).await;
        gateway.assert_standing(&p2, &doubtful, ["MANUAL", "", "MANUAL"]).await;
        let conflict = gateway.conflict_of(&doubtful).await;
        assert_eq!(conflict["types"], json!(["POSSIBLE_SAME_ACCOUNT"]));
        assert_eq!(conflict["status"], "UNDER_REVIEW");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn example_9_a_direct_opportunity_found_later_reopens_and_revokes_nothing() {
    on_every_store(async |gateway| {
        gateway.given_sample().await;
        let p1 = gateway.given_seller("甲").await;
        gateway.let_pass(TimeDelta::days(20));
        let id = gateway.given_registration(&p1, sample()).await;
        gateway.step(&gateway.as_admin(), "approveRegistration", &id).await.data();
        assert_eq!(gateway.conflict_of(&id).await, Value::Null);
        gateway.hears([direct("Negotiation").at("2026-06-11T00:00:00Z")]).await;
        gateway.let_job_run(CHECKS).await;
        let conflict = gateway.conflict_of(&id).await;
        assert_eq!(conflict["status"], "REOPENED", "{conflict}");
        assert!(conflict["diff"].as_str().unwrap().contains("claims_added"), "{conflict}");
        assert_eq!(gateway.of_registration(&id, "status").await["status"], "APPROVED");
        gateway.let_job_run(CHECKS).await;
        assert_eq!(gateway.of_registration(&id, "status").await["status"], "APPROVED");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn example_10_a_merge_raises_a_conflict_and_its_undoing_dismisses_it() {
    on_every_store(async |gateway| {
        let a1 = gateway.given_sample().await;
        let said =
            Said::account("A3", "サンプル興業株式会社").with(account::corporate_number, "4011001098993");
        let a3 = gateway
            .given(
                said.without(account::corporate_number)
                    .with(account::website, "sample.example")
                    .with(account::phone, "03-5545-0701"),
            )
            .await;
        let [p1, p2] = [gateway.given_seller("甲").await, gateway.given_seller("乙").await];
        let mut says = deal("サンプル興業株式会社");
        (says["website"], says["phone"]) = (json!("sample.example"), json!("03-5545-0701"));
        let earlier = gateway.given_registration(&p2, says).await;
        gateway.let_pass(TimeDelta::days(3));
        let later = gateway.given_registration(&p1, sample()).await;
        gateway.assert_standing(&p1, &later, ["CLEAR", "", ""]).await;
        gateway.assert_standing(&p2, &earlier, ["CLEAR", "", ""]).await;

        let steward = gateway.as_staff(Role::DataSteward, "steward");
        let merge = json!({ "ids": [a1, a3], "reason": "同一と確認した" });
        steward.change("mergeRecords", merge, "survivorId").await.data();
        gateway.let_job_run(CHECKS).await;
        gateway.assert_standing(&p2, &earlier, ["UPHELD", "", "FIRST_REGISTERED"]).await;
        gateway.assert_standing(&p1, &later, ["LOST", "ALREADY_REGISTERED", "FIRST_REGISTERED"]).await;
        let raised = gateway.conflict_of(&later).await;
        assert_eq!((&raised["outcome"], &raised["status"]), (&json!("UPHELD"), &json!("REOPENED")));

        let record = json!({ "system": "CRM", "object": "Account", "externalId": "A3" });
        let unmerge = json!({ "id": a1, "sourceRecords": [record], "reason": "別会社だった" });
        let asked = steward.change("proposeUnmerge", unmerge, "task { id }").await;
        let task = json!({ "taskId": asked.at("/proposeUnmerge/task/id") });
        gateway.as_admin().change("claimReviewTask", task.clone(), "task { id }").await.data();
        let approval = json!({ "taskId": task["taskId"], "decision": "APPROVE", "reason": "確認した" });
        gateway.as_admin().change("decideReviewTask", approval, "task { state }").await.data();
        gateway.let_job_run(CHECKS).await;
        gateway.assert_standing(&p1, &later, ["CLEAR", "", ""]).await;
        gateway.assert_standing(&p2, &earlier, ["CLEAR", "", ""]).await;
        assert_eq!(gateway.conflict_of(&later).await["status"], "DISMISSED");
    })
    .await;
}
