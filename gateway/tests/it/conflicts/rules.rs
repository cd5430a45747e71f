//! Reserved accounts, the customer's choice, stale data, policies that are data, and verdicts that replay.

use chrono::TimeDelta;
use domain::fields::lead;
use domain::lifecycle::DEFAULT_LIFECYCLE;
use serde_json::{Value, json};

use super::{CHECKS, NUMBER, conflict_policy, sample, sample_with};
use crate::harness::{Said, TestGateway, on_every_store};

#[tokio::test(flavor = "multi_thread")]
async fn a_reserved_account_goes_to_its_holder_or_to_a_person() {
    on_every_store(async |gateway| {
        let customer = gateway.given_sample().await;
        let [p1, p2] = [gateway.given_seller("甲").await, gateway.given_seller("乙").await];
        let reserve = json!({ "accountId": customer, "holder": "PARTNER", "partnerId": p2.id });
        gateway.as_admin().change("reserveAccount", reserve, "accountId").await.data();
        let first = gateway.given_registration(&p1, sample()).await;
        gateway.assert_standing(&p1, &first, ["MANUAL", "", "MANUAL"]).await;
        let second = gateway.given_registration(&p2, sample()).await;
        gateway.assert_standing(&p1, &first, ["LOST", "NOT_ELIGIBLE", "RESERVED_ACCOUNT"]).await;
        gateway.assert_standing(&p2, &second, ["UPHELD", "", "RESERVED_ACCOUNT"]).await;
        let house = json!({ "accountId": customer, "holder": "DIRECT" });
        gateway.as_admin().change("reserveAccount", house, "accountId").await.data();
        gateway.let_job_run(CHECKS).await;
        gateway.assert_standing(&p2, &second, ["MANUAL", "", "MANUAL"]).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_customers_choice_counts_once_somebody_has_confirmed_it() {
    on_every_store(async |gateway| {
        gateway.given_sample().await;
        let [p1, p2] = [gateway.given_seller("甲").await, gateway.given_seller("乙").await];
        let first = gateway.given_registration(&p1, sample()).await;
        let says = sample_with("customerChoiceDocument", json!("docs/choice.pdf"));
        let named = gateway.given_registration(&p2, says).await;
        gateway.assert_standing(&p2, &named, ["LOST", "ALREADY_REGISTERED", "FIRST_REGISTERED"]).await;
        gateway
            .step(&gateway.as_admin(), "confirmCustomerChoice", &first)
            .await
            .assert_refused("CUSTOMER_CHOICE_MISSING");
        gateway.step(&gateway.as_admin(), "confirmCustomerChoice", &named).await.data();
        gateway.let_job_run(CHECKS).await;
        gateway.assert_standing(&p2, &named, ["UPHELD", "", "CUSTOMER_CHOICE"]).await;
        gateway.assert_standing(&p1, &first, ["LOST", "OTHER", "CUSTOMER_CHOICE"]).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_clear_on_stale_data() {
    on_every_store(async |gateway| {
        gateway.given_sample().await;
        let partner = gateway.given_seller("甲").await;
        gateway.let_pass(TimeDelta::minutes(30));
        gateway.given_fresh_crm(gateway.services.clock.now() - TimeDelta::minutes(16)).await;
        let id = gateway.given_registration(&partner, sample()).await;
        gateway.assert_standing(&partner, &id, ["PROVISIONAL", "", ""]).await;
        for step in ["approveRegistration"] {
            gateway.step(&gateway.as_admin(), step, &id).await.assert_refused("VERDICT_PROVISIONAL");
            gateway.step_because(&gateway.as_admin(), step, &id).await.assert_refused("VERDICT_PROVISIONAL");
        }
        gateway.let_job_run(CHECKS).await;
        gateway.assert_standing(&partner, &id, ["PROVISIONAL", "", ""]).await;
        gateway.given_fresh_crm(gateway.services.clock.now()).await;
        gateway.let_job_run(CHECKS).await;
        gateway.assert_standing(&partner, &id, ["CLEAR", "", ""]).await;
        gateway.step(&gateway.as_admin(), "approveRegistration", &id).await.data();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_clear_is_approved_by_itself_where_the_policy_says_so() {
    on_every_store(async |gateway| {
        gateway.given_sample().await;
        let policy = DEFAULT_LIFECYCLE.replace("approve_clear = false", "approve_clear = true");
        let policy = policy.replace("protection_days = 90", "protection_days = 30");
        gateway.given_channel_policy("LIFECYCLE", &policy).await.data();
        let [p1, p2] = [gateway.given_seller("甲").await, gateway.given_seller("乙").await];
        let id = gateway.given_registration(&p1, sample()).await;
        let approved = gateway.of_registration(&id, "status expiresAt").await;
        assert_eq!(approved, json!({ "status": "APPROVED", "expiresAt": "2026-07-01T15:00:00+00:00" }));
        let second = gateway.given_registration(&p2, sample()).await;
        assert_eq!(gateway.of_registration(&second, "status").await["status"], "UNDER_REVIEW");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_that_works_a_lead_goes_before_whoever_registers_later() {
    on_every_store(async |gateway| {
        gateway.given_sample().await;
        let [p1, p2] = [gateway.given_seller("甲").await, gateway.given_seller("乙").await];
        let said = Said::lead("00Q9").with(lead::company, "株式会社サンプル商事");
        let said = said.with(lead::corporate_number, NUMBER).with(lead::stage, "WORKING");
        let lead = gateway.given(said).await;
        gateway.given_assignment(&lead, &p1).await;
        gateway.let_pass(TimeDelta::hours(1));
        let later = gateway.given_registration(&p2, sample()).await;
        gateway.assert_standing(&p2, &later, ["LOST", "ALREADY_REGISTERED", "FIRST_REGISTERED"]).await;
        let own = gateway.given_registration(&p1, sample_with("leadId", json!(lead))).await;
        gateway.let_job_run(CHECKS).await;
        assert_eq!(gateway.conflict_of(&own).await["types"], json!(["DUPLICATE_REGISTRATION"]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_territory_that_changes_is_judged_again_and_takes_nothing_away() {
    on_every_store(async |gateway| {
        gateway.given_sample().await;
        let [p1, p3] = [gateway.given_seller("甲").await, gateway.given_partner("丙").await];
        let id = gateway.given_registration(&p1, sample()).await;
        gateway.step(&gateway.as_admin(), "approveRegistration", &id).await.data();
        gateway.given_territory(&p3, json!({ "prefectures": ["JP-13"], "isExclusive": true })).await;
        gateway.let_job_run(CHECKS).await;
        let conflict = gateway.conflict_of(&id).await;
        assert_eq!((&conflict["types"], &conflict["status"]), (&json!(["TERRITORY"]), &json!("REOPENED")));
        assert_eq!(gateway.of_registration(&id, "status").await["status"], "APPROVED");
    })
    .await;
}

/// Two rivals eight minutes apart. Gives the id of the verdict on the second.
async fn given_rivals(gateway: &TestGateway) -> Value {
    gateway.given_sample().await;
    let [p1, p2] = [gateway.given_seller("甲").await, gateway.given_seller("乙").await];
    gateway.given_registration(&p1, sample()).await;
    gateway.let_pass(TimeDelta::minutes(8));
    let second = gateway.given_registration(&p2, sample()).await;
    gateway.of_registration(&second, "verdict { id }").await["verdict"]["id"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verdict_replays_to_the_same_bytes_whatever_has_come_since() {
    on_every_store(async |gateway| {
        let verdict = given_rivals(gateway).await;
        gateway
            .given_channel_policy("CONFLICT", &conflict_policy("roe_idle_days = 30", "roe_idle_days = 1"))
            .await
            .data();
        gateway.let_pass(TimeDelta::days(60));
        let question = "query Replay($id: ID!) { replayVerdict(id: $id) { isIdentical stored replayed } }";
        let replay = gateway.as_admin().ask_with(question, json!({ "id": verdict })).await;
        assert_eq!(replay.at("/replayVerdict/isIdentical"), true);
        assert_eq!(replay.at("/replayVerdict/stored"), replay.at("/replayVerdict/replayed"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_tells_which_verdicts_it_would_change_and_changes_none() {
    on_every_store(async |gateway| {
        given_rivals(gateway).await;
        let document = conflict_policy("    \"FIRST_REGISTERED\",\n", "");
        let input = json!({ "kind": "CONFLICT", "document": document });
        let manager = gateway.as_channel_manager("tanaka");
        let drafted = manager.change("draftPolicy", input, "policyVersion { id }").await;
        let version = json!({ "policyVersionId": drafted.at("/draftPolicy/policyVersion/id") });
        let started = manager.change("startPolicyDryRun", version, "policyDryRun { id }").await;
        gateway.let_job_run("policies.dry_runs").await;
        let question = "query Run($id: ID!) { policyDryRun(id: $id) { state
            effect { verdicts { judged changed shifts { before after count } examples { registrationId } } } } }";
        let id = started.at("/startPolicyDryRun/policyDryRun/id");
        let run = gateway.as_admin().ask_with(question, json!({ "id": id })).await;
        assert_eq!(run.at("/policyDryRun/state"), "SUCCEEDED");
        let found = run.at("/policyDryRun/effect/verdicts");
        assert_eq!((&found["judged"], &found["changed"]), (&json!(2), &json!(1)), "{found}");
        let shifts = json!([
            { "before": "CLEAR", "after": "CLEAR", "count": 1 },
            { "before": "UPHELD", "after": "MANUAL", "count": 1 },
        ]);
        assert_eq!(found["shifts"], shifts);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_policy_that_leaves_ties_is_refused() {
    on_every_store(async |gateway| {
        let input = json!({ "kind": "CONFLICT", "document": conflict_policy("    \"MANUAL\",\n", "") });
        let manager = gateway.as_channel_manager("tanaka");
        manager.change("draftPolicy", input, "policyVersion { id }").await.assert_refused("INVALID_POLICY");
        let input = json!({ "kind": "MATCHING", "document": "" });
        manager.change("draftPolicy", input, "policyVersion { id }").await.assert_refused("FORBIDDEN");
    })
    .await;
}
