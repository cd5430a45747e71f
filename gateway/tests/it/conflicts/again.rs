//! What happens after a verdict: claims are judged again, and what people decided stands.

use chrono::TimeDelta;
use domain::fields::{account, opportunity};
use serde_json::{Value, json};

use super::{CHECKS, NUMBER, sample, sample_with};
use crate::harness::{GivenPartner, Said, TestGateway, deal, on_every_store};

/// Two rivals for one customer, the first of which goes first by the rules, with their claims.
async fn given_rivals(gateway: &TestGateway) -> [(GivenPartner, String); 2] {
    gateway.given_sample().await;
    let [p1, p2] = [gateway.given_seller("甲").await, gateway.given_seller("乙").await];
    let first = gateway.given_registration(&p1, sample()).await;
    let second = gateway.given_registration(&p2, sample()).await;
    [(p1, first), (p2, second)]
}

/// What somebody decides about a conflict: a claim goes first.
fn upheld(conflict: &Value, partner: &GivenPartner) -> Value {
    let parties = conflict["parties"].as_array().unwrap();
    let party = parties.iter().find(|it| it["partner"]["id"] == *partner.id).unwrap();
    json!({ "resolution": "UPHELD", "claims": [{ "kind": party["kind"], "claimId": party["claimId"] }] })
}

async fn appeal(gateway: &TestGateway, partner: &GivenPartner, id: &str) {
    let appeal = json!({ "registrationId": id, "reason": "先に提案していました" });
    gateway.as_rep_of(partner).change("appealConflict", appeal, "dealRegistration { id }").await.data();
}

/// The customer says something new, and all claims on it are judged again.
async fn judge_all_again(gateway: &TestGateway, telephone: &str) {
    let said = Said::account("A1", "株式会社サンプル商事").with(account::corporate_number, NUMBER);
    let said = said.with(account::region, "東京都").with(account::industry, "E");
    let now = gateway.services.clock.now();
    gateway.hears([said.with(account::phone, telephone).modified(now)]).await;
    gateway.let_job_run(CHECKS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_decided_stands_when_the_customer_changes() {
    on_every_store(async |gateway| {
        let [(p1, first), (p2, second)] = given_rivals(gateway).await;
        appeal(gateway, &p2, &second).await;
        let conflict = gateway.conflict_of(&second).await;
        gateway.rules("mori", &conflict, upheld(&conflict, &p2)).await.data();
        gateway.let_pass(TimeDelta::hours(1));
        judge_all_again(gateway, "03-5545-0701").await;
        assert_eq!(gateway.standing(&p1, &first).await["finding"], "LOST");
        assert_eq!(gateway.standing(&p2, &second).await["finding"], "UPHELD");

        let p3 = gateway.given_seller("丙").await;
        let third = gateway.given_registration(&p3, sample()).await;
        gateway.let_job_run(CHECKS).await;
        assert_eq!(
            gateway.standing(&p3, &third).await["finding"],
            "MANUAL",
            "the rules do not overrule a person"
        );
        assert_eq!(gateway.standing(&p2, &second).await["finding"], "UPHELD");
        gateway
            .step(&gateway.as_admin(), "approveRegistration", &third)
            .await
            .assert_refused("OVERRIDE_REASON_MISSING");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_false_alarm_stands_in_nobodys_way() {
    on_every_store(async |gateway| {
        let [(p1, first), (p2, second)] = given_rivals(gateway).await;
        let conflict = gateway.conflict_of(&second).await;
        let dismissal = json!({ "conflictId": conflict["id"], "reason": "別の部署の案件" });
        let dismissed =
            gateway.as_admin().change("dismissConflict", dismissal, "channelConflict { status }").await;
        assert_eq!(dismissed.at("/dismissConflict/channelConflict/status"), "DISMISSED");
        gateway.let_pass(TimeDelta::hours(1));
        judge_all_again(gateway, "03-5545-0701").await;
        for (partner, id) in [(&p1, &first), (&p2, &second)] {
            assert_eq!(gateway.standing(partner, id).await["finding"], "CLEAR");
            gateway.step(&gateway.as_admin(), "approveRegistration", id).await.data();
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_an_appeal_is_against_does_not_dismiss_it() {
    on_every_store(async |gateway| {
        let [(p1, first), (p2, second)] = given_rivals(gateway).await;
        let conflict = gateway.conflict_of(&second).await;
        judge_all_again(gateway, "03-5545-0701").await;
        let reserve = json!({ "accountId": gateway.of_registration(&first, "account { id }").await["account"]["id"],
            "holder": "DIRECT" });
        gateway.as_admin().change("reserveAccount", reserve, "accountId").await.data();
        gateway.let_job_run(CHECKS).await;
        gateway.rules("admin", &conflict, upheld(&conflict, &p1)).await.data();
        appeal(gateway, &p2, &second).await;
        let dismissal = json!({ "conflictId": conflict["id"], "reason": "問題なし" });
        let own = gateway.as_staff(domain::access::Role::Admin, "admin");
        own.change("dismissConflict", dismissal, "channelConflict { id }").await.assert_refused("APPEAL_SAME_REVIEWER");
    })
    .await;
}

/// A correction of a returned registration, which is then handed in again.
async fn correct(gateway: &TestGateway, partner: &GivenPartner, id: &str, mut says: Value) {
    let version = gateway.of_registration(id, "version").await["version"].clone();
    (says["id"], says["version"]) = (json!(id), version);
    let rep = gateway.as_rep_of(partner);
    rep.change("updateRegistration", says, "dealRegistration { id }").await.data();
    gateway.step(&rep, "submitRegistration", id).await.data();
    gateway.let_job_run(CHECKS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_queues_with_one_customer_for_another() {
    on_every_store(async |gateway| {
        gateway.given_sample().await;
        let [p1, p2] = [gateway.given_seller("甲").await, gateway.given_seller("乙").await];
        let dummy =
            gateway.given_registration(&p1, sample_with("corporateNumber", json!("4011001098993"))).await;
        gateway.let_pass(TimeDelta::hours(1));
        let second = gateway.given_registration(&p2, sample()).await;
        gateway.step_because(&gateway.as_admin(), "returnRegistration", &dummy).await.data();
        correct(gateway, &p1, &dummy, sample()).await;
        gateway.assert_standing(&p2, &second, ["UPHELD", "", "FIRST_REGISTERED"]).await;
        gateway.assert_standing(&p1, &dummy, ["LOST", "ALREADY_REGISTERED", "FIRST_REGISTERED"]).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_says_more_exactly_which_customer_was_meant_keeps_the_place() {
    on_every_store(async |gateway| {
        gateway.given_sample().await;
        let [p1, p2] = [gateway.given_seller("甲").await, gateway.given_seller("乙").await];
        let vague = gateway.given_registration(&p1, deal("㈱サンプル商事")).await;
        gateway.let_pass(TimeDelta::hours(1));
        let second = gateway.given_registration(&p2, sample()).await;
        gateway.step_because(&gateway.as_admin(), "returnRegistration", &vague).await.data();
        correct(gateway, &p1, &vague, sample()).await;
        gateway.assert_standing(&p1, &vague, ["UPHELD", "", "FIRST_REGISTERED"]).await;
        assert_eq!(gateway.standing(&p2, &second).await["finding"], "LOST");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doubt_ends_with_the_claim_that_was_its_object() {
    on_every_store(async |gateway| {
        let [p1, p2] = [gateway.given_seller("甲").await, gateway.given_seller("乙").await];
        let unknown = gateway.given_registration(&p1, deal("有限会社つぐみ製作所")).await;
        let doubtful = gateway.given_registration(&p2, deal("㈲つぐみ製作所")).await;
        gateway.assert_standing(&p2, &doubtful, ["MANUAL", "", "MANUAL"]).await;
        gateway.step(&gateway.as_rep_of(&p1), "withdrawRegistration", &unknown).await.data();
        gateway.let_job_run(CHECKS).await;
        gateway.assert_standing(&p2, &doubtful, ["CLEAR", "", ""]).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_direct_deal_that_turns_out_to_be_another_customers_stands_in_nobodys_way() {
    on_every_store(async |gateway| {
        gateway.given_sample().await;
        gateway
            .given(Said::account("A9", "株式会社別商事").with(account::corporate_number, "4011001098993"))
            .await;
        let direct = |account: &str| {
            let said = Said::opportunity("0061", "直販案件").with(opportunity::account, account);
            said.with(opportunity::is_closed, "false").with(opportunity::stage, "Negotiation")
        };
        gateway.hears([direct("A1")]).await;
        let p1 = gateway.given_seller("甲").await;
        gateway.let_pass(TimeDelta::days(1));
        let id = gateway.given_registration(&p1, sample()).await;
        assert_eq!(gateway.standing(&p1, &id).await["finding"], "LOST");
        gateway.let_pass(TimeDelta::hours(1));
        gateway.hears([direct("A9").modified(gateway.services.clock.now())]).await;
        gateway.let_job_run(CHECKS).await;
        gateway.assert_standing(&p1, &id, ["CLEAR", "", ""]).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_rests_on_what_is_known_when_it_is_given() {
    on_every_store(async |gateway| {
        gateway.given_sample().await;
        let partner = gateway.given_seller("甲").await;
        gateway.given_fresh_crm(gateway.services.clock.now()).await;
        let id = gateway.given_registration(&partner, sample()).await;
        gateway.assert_standing(&partner, &id, ["CLEAR", "", ""]).await;
        gateway.let_pass(TimeDelta::hours(2));
        let stale = gateway.step(&gateway.as_admin(), "approveRegistration", &id).await;
        stale.assert_refused("VERDICT_PROVISIONAL");
        gateway.given_fresh_crm(gateway.services.clock.now()).await;
        gateway.step(&gateway.as_admin(), "approveRegistration", &id).await.data();
    })
    .await;
}
